#include "common/h323/h245_capabilities.h"

#include "common/h323/h323_tag.h"

namespace callbraid {
namespace {

using per::Choice;
using per::ExtensibleChoice;
using per::ExtensibleSequence;
using per::Integer;
using per::kAnyOctets;
using per::kBoolean;
using per::kEnd;
using per::kNull;
using per::kObjectIdentifier;
using per::kU16;
using per::kU32;
using per::kU8;
using per::Octets;
using per::Sequence;
using per::Text;

// NonStandardParameter.
constexpr PerField kH221Fields[] = {kU8, kU8, kU16};
constexpr PerType kH221 = Sequence(kH221Fields);
constexpr PerField kIdFields[] = {kObjectIdentifier, kH221};
constexpr PerType kId = Choice(kIdFields);
constexpr PerField kNonStandardFields[] = {kId, kAnyOctets};

// GenericCapability: who asks what it is reads no further.
constexpr PerType kUuid = Octets(16, 16);
constexpr PerType kDomain = Text(1, 64);
constexpr PerField kGenericIdFields[] = {
    {kObjectIdentifier, tag::kGeneric}, kH245NonStandard, kUuid, kDomain};
constexpr PerType kGenericId = ExtensibleChoice(kGenericIdFields);
constexpr PerField kGenericFields[] = {kGenericId,     Optional(kU32),
                                       Optional(kEnd), Optional(kEnd),
                                       Optional(kEnd), Optional(kEnd)};
constexpr PerType kGenericCapability = ExtensibleSequence(kGenericFields);

// AudioCapability.
constexpr PerType kFrames = Integer(1, 256);
constexpr PerField kG7231Fields[] = {kFrames, kBoolean};
constexpr PerType kG7231 = Sequence(kG7231Fields);
constexpr PerType kLayer2Rate = Integer(1, 448);
constexpr PerField kIs11172AudioFields[] = {kBoolean, kBoolean, kBoolean,
                                            kBoolean, kBoolean, kBoolean,
                                            kBoolean, kBoolean, kLayer2Rate};
constexpr PerType kIs11172Audio = ExtensibleSequence(kIs11172AudioFields);
constexpr PerType kIs13818Flags = Sequence(per::kBooleans);
constexpr PerType kIs13818Rate = Integer(1, 1130);
constexpr PerField kIs13818AudioFields[] = {kIs13818Flags, kIs13818Rate};
constexpr PerType kIs13818Audio = ExtensibleSequence(kIs13818AudioFields);
constexpr PerField kAudioFields[] = {
    kH245NonStandard, kFrames,      kFrames, kFrames, kFrames,  // G.711
    kFrames,          kFrames,      kFrames,                    // G.722
    kG7231,           kFrames,      kFrames, kFrames,           // G.728, G.729
    kIs11172Audio,    kIs13818Audio};
constexpr PerAddition kAudioAdditions[] = {{6, kGenericCapability}};

// VideoCapability.
constexpr PerType kMpi4 = Integer(1, 4);
constexpr PerType kRate19200 = Integer(1, 19'200);
constexpr PerField kH261Fields[] = {Optional(kMpi4), Optional(kMpi4), kBoolean,
                                    kRate19200, kBoolean};
constexpr PerType kH261 = ExtensibleSequence(kH261Fields);
constexpr PerType kVideoRate = Integer(0, 1'073'741'823);
constexpr PerType kBuffer = Integer(0, 262'143);
constexpr PerType kPixels = Integer(0, 16'383);
constexpr PerType kRateCode = Integer(0, 15);
constexpr PerField kH262Fields[] = {kBoolean,          kBoolean,
                                    kBoolean,          kBoolean,
                                    kBoolean,          kBoolean,
                                    kBoolean,          kBoolean,
                                    kBoolean,          kBoolean,
                                    kBoolean,          Optional(kVideoRate),
                                    Optional(kBuffer), Optional(kPixels),
                                    Optional(kPixels), Optional(kRateCode),
                                    Optional(kU32)};
constexpr PerType kH262 = ExtensibleSequence(kH262Fields);
constexpr PerType kMpi32 = Integer(1, 32);
constexpr PerType kRate192400 = Integer(1, 192'400);
constexpr PerType kHrd = Integer(0, 524'287);
constexpr PerField kH263Fields[] = {
    Optional(kMpi32), Optional(kMpi32), Optional(kMpi32), Optional(kMpi32),
    Optional(kMpi32), kRate192400,      kBoolean,         kBoolean,
    kBoolean,         kBoolean,         kBoolean,         Optional(kHrd),
    Optional(kU16)};
constexpr PerType kH263 = ExtensibleSequence(kH263Fields);
constexpr PerField kIs11172VideoFields[] = {
    kBoolean,          Optional(kVideoRate), Optional(kBuffer),
    Optional(kPixels), Optional(kPixels),    Optional(kRateCode),
    Optional(kU32)};
constexpr PerType kIs11172Video = ExtensibleSequence(kIs11172VideoFields);
constexpr PerField kVideoFields[] = {kH245NonStandard, kH261, kH262, kH263,
                                     kIs11172Video};

// DataApplicationCapability.
constexpr PerField kProtocolFields[] = {
    kH245NonStandard, kNull, kNull, kNull, kNull, kNull, kNull};
constexpr PerType kProtocol = ExtensibleChoice(kProtocolFields);
constexpr PerField kT38Fields[] = {{kProtocol, tag::kDataProtocol}, kEnd};
constexpr PerType kT38 = Sequence(kT38Fields);
constexpr PerType kT84Restricted =
    ExtensibleSequence(std::span(per::kBooleans).first(19));
constexpr PerField kT84ProfileFields[] = {kNull, kT84Restricted};
constexpr PerType kT84Profile = Choice(kT84ProfileFields);
constexpr PerField kT84Fields[] = {kProtocol, kT84Profile};
constexpr PerType kT84 = Sequence(kT84Fields);
constexpr PerField kNlpidFields[] = {kProtocol, kAnyOctets};
constexpr PerType kNlpid = Sequence(kNlpidFields);
constexpr PerField kApplicationFields[] = {
    kH245NonStandard, kProtocol, kProtocol, kProtocol, kT84,
    kProtocol,        kProtocol, kNlpid,    kNull,     kProtocol};
constexpr PerAddition kApplicationAdditions[] = {{2, kT38}};
constexpr PerType kApplication =
    ExtensibleChoice(kApplicationFields, kApplicationAdditions);
constexpr PerField kDataFields[] = {{kApplication, tag::kData}, kU32};

// Capability.
constexpr PerField kResponseTime[] = {kU8};
constexpr PerType kH233 = ExtensibleSequence(kResponseTime);
constexpr PerField kCapabilityFields[] = {
    kH245NonStandard, kVideoCapability, kVideoCapability, kVideoCapability,
    kAudioCapability, kAudioCapability, kAudioCapability, kDataCapability,
    kDataCapability,  kDataCapability,  kBoolean,         kH233};
constexpr PerType kDynamicPayloadType = Integer(96, 127);
constexpr PerField kEventFields[] = {{kDynamicPayloadType, tag::kEventType},
                                     kAnyOctets};
constexpr PerType kEvent = ExtensibleSequence(kEventFields);
// receiveRTPAudioTelephonyEventCapability
constexpr PerAddition kCapabilityAdditions[] = {{10, kEvent}};

}  // namespace

constinit const PerType kH245NonStandard = Sequence(kNonStandardFields);
constinit const PerType kAudioCapability =
    ExtensibleChoice(kAudioFields, kAudioAdditions);
constinit const PerType kVideoCapability = ExtensibleChoice(kVideoFields);
constinit const PerType kDataCapability = ExtensibleSequence(kDataFields);
constinit const PerType kCapability =
    ExtensibleChoice(kCapabilityFields, kCapabilityAdditions);

}  // namespace callbraid
