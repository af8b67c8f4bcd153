#include "common/h323/h225_types.h"

#include "common/h323/h323_tag.h"

namespace callbraid {
namespace {

using per::Bits;
using per::ExtensibleChoice;
using per::ExtensibleSequence;
using per::Integer;
using per::kAnyInteger;
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
using per::SequenceOf;
using per::Text;
using per::TextOf;
using per::WideText;
using per::Words;

constexpr PerType kGuid = Octets(16, 16);
constexpr PerField kGuidField[] = {{kGuid, tag::kCallId}};
constexpr PerType kCallIdentifier = ExtensibleSequence(kGuidField);

// NonStandardParameter.
constexpr PerField kH221Fields[] = {kU8, kU8, kU16};
constexpr PerType kH221NonStandard = ExtensibleSequence(kH221Fields);
constexpr PerField kNonStandardIdFields[] = {kObjectIdentifier,
                                             kH221NonStandard};
constexpr PerType kNonStandardId = ExtensibleChoice(kNonStandardIdFields);
constexpr PerField kNonStandardFields[] = {kNonStandardId, kAnyOctets};
constexpr PerType kNonStandard = Sequence(kNonStandardFields);
constexpr PerField kJustNonStandard[] = {Optional(kNonStandard)};

// TransportAddress.
constexpr PerType kIp4 = Octets(4, 4);
constexpr PerType kIp6 = Octets(16, 16);
constexpr PerType kIpxNode = Octets(6, 6);
constexpr PerType kIpxPort = Octets(2, 2);
constexpr PerType kNsap = Octets(1, 20);
constexpr PerField kIp4Fields[] = {{kIp4, tag::kIp}, {kU16, tag::kPort}};
constexpr PerType kIp4Address = Sequence(kIp4Fields);
constexpr PerField kIp4Item[] = {kIp4};
constexpr PerType kRoute = SequenceOf(kIp4Item);
constexpr PerType kRouting = Words(2);
constexpr PerField kSourceRouteFields[] = {
    {kIp4, tag::kIp}, {kU16, tag::kPort}, kRoute, kRouting};
constexpr PerType kSourceRoute = ExtensibleSequence(kSourceRouteFields);
constexpr PerField kIpxFields[] = {kIpxNode, kIp4, kIpxPort};
constexpr PerType kIpx = Sequence(kIpxFields);
constexpr PerField kIp6Fields[] = {{kIp6, tag::kIp}, {kU16, tag::kPort}};
constexpr PerType kIp6Address = ExtensibleSequence(kIp6Fields);
constexpr PerField kTransportFields[] = {
    kIp4Address, kSourceRoute, kIpx, kIp6Address, kIp6, kNsap, kNonStandard};
constexpr PerType kTransportAddress = ExtensibleChoice(kTransportFields);

// AliasAddress.
constexpr PerType kDigits = TextOf("#*,0123456789", 1, 128);
constexpr PerType kH323Id = WideText(1, 256);
constexpr PerType kUrl = Text(1, 512);
constexpr PerType kSixWords = Words(6);
constexpr PerField kNumberFields[] = {kSixWords, {kDigits, tag::kText}};
constexpr PerType kPublicOrPrivateNumber = Sequence(kNumberFields);
constexpr PerField kPartyNumberFields[] = {
    kPublicOrPrivateNumber,
    {kDigits, tag::kText},  // dataPartyNumber
    {kDigits, tag::kText},  // telexPartyNumber
    kPublicOrPrivateNumber,
    {kDigits, tag::kText}};  // nationalStandardPartyNumber
constexpr PerType kPartyNumber = ExtensibleChoice(kPartyNumberFields);
constexpr PerField kAliasFields[] = {{kDigits, tag::kText},
                                     {kH323Id, tag::kText}};
constexpr PerAddition kAliasAdditions[] = {
    {0, {kUrl, tag::kText}}, {2, {kUrl, tag::kText}}, {3, kPartyNumber}};
constexpr PerType kAliasAddress =
    ExtensibleChoice(kAliasFields, kAliasAdditions);
constexpr PerField kAliasItem[] = {{kAliasAddress, tag::kAlias}};
constexpr PerType kAliases = SequenceOf(kAliasItem);

// EndpointType.
constexpr PerType kProductId = Octets(1, 256);
constexpr PerField kVendorFields[] = {kH221NonStandard, Optional(kProductId),
                                      Optional(kProductId)};
constexpr PerType kVendor = ExtensibleSequence(kVendorFields);
// H310Caps and its like: data rates and prefixes are extensions.
constexpr PerType kCaps = ExtensibleSequence(kJustNonStandard);
constexpr PerField kProtocolFields[] = {
    kNonStandard, kCaps, kCaps, kCaps, kCaps, kCaps, kCaps, kCaps, kCaps};
constexpr PerType kSupportedProtocols = ExtensibleChoice(kProtocolFields);
constexpr PerField kProtocolItem[] = {kSupportedProtocols};
constexpr PerType kProtocols = SequenceOf(kProtocolItem);
constexpr PerField kGatewayFields[] = {Optional(kProtocols),
                                       Optional(kNonStandard)};
constexpr PerType kGateway = ExtensibleSequence(kGatewayFields);
constexpr PerField kEndpointFields[] = {Optional(kNonStandard),
                                        Optional(kVendor),
                                        Optional(kCaps),  // gatekeeper
                                        Optional(kGateway),
                                        Optional(kCaps),  // mcu
                                        Optional(kCaps),  // terminal
                                        kBoolean,         // mc
                                        kBoolean};        // undefinedNode
constexpr PerType kEndpointType = ExtensibleSequence(kEndpointFields);

// ClearToken (H.235.0); CryptoH323Token is not read.
constexpr PerType kTimeStamp = Integer(1, 4'294'967'295);
constexpr PerType kWide128 = WideText(1, 128);
constexpr PerType kDhBits = Bits(0, 2048);
constexpr PerField kDhFields[] = {kDhBits, kDhBits, kDhBits};
constexpr PerType kDhSet = ExtensibleSequence(kDhFields);
constexpr PerType kChallenge = Octets(8, 128);
constexpr PerField kCertificateFields[] = {kObjectIdentifier, kAnyOctets};
constexpr PerType kCertificate = ExtensibleSequence(kCertificateFields);
constexpr PerType kTokenData = Sequence(kCertificateFields);
constexpr PerField kTokenFields[] = {
    kObjectIdentifier,      Optional(kTimeStamp), Optional(kWide128),
    Optional(kDhSet),       Optional(kChallenge), Optional(kAnyInteger),
    Optional(kCertificate), Optional(kWide128),   Optional(kTokenData)};
constexpr PerType kClearToken = ExtensibleSequence(kTokenFields);
constexpr PerField kTokenItem[] = {kClearToken};
constexpr PerType kTokens = SequenceOf(kTokenItem);

// H245Security.
constexpr PerField kServiceModeFields[] = {kNonStandard, kNull, kNull};
constexpr PerType kServiceMode = ExtensibleChoice(kServiceModeFields);
constexpr PerField kSecurityFields[] = {Optional(kNonStandard), kServiceMode,
                                        kServiceMode, kServiceMode};
constexpr PerType kSecurityCapabilities = ExtensibleSequence(kSecurityFields);
constexpr PerField kH245SecurityFields[] = {
    kNonStandard, kNull, kSecurityCapabilities, kSecurityCapabilities};
constexpr PerType kH245Security = ExtensibleChoice(kH245SecurityFields);

// QseriesOptions.
constexpr PerType kQ954Details =
    ExtensibleSequence(std::span(per::kBooleans).first(2));
constexpr PerField kQseriesFields[] = {kBoolean, kBoolean,    kBoolean,
                                       kBoolean, kBoolean,    kBoolean,
                                       kBoolean, kQ954Details};
constexpr PerType kQseriesOptions = ExtensibleSequence(kQseriesFields);

constexpr PerField kOctetsItem[] = {{kAnyOctets, tag::kItem}};
constexpr PerType kOctetStrings = SequenceOf(kOctetsItem);
constexpr PerField kCallReferenceItem[] = {kU16};
constexpr PerType kCallReferences = SequenceOf(kCallReferenceItem);
constexpr PerType kThreeWords = Words(3);
constexpr PerType kFourWords = Words(4);
constexpr PerType kTwelveWords = Words(12);

constexpr PerField kSetupFields[] = {
    kObjectIdentifier,
    Optional(kTransportAddress, tag::kH245Address),
    Optional(kAliases, tag::kSourceAddress),
    kEndpointType,
    Optional(kAliases, tag::kDestinationAddress),
    Optional(kTransportAddress),  // destCallSignalAddress
    Optional(kAliases),           // destExtraCallInfo
    Optional(kCallReferences),    // destExtraCRV
    kBoolean,                     // activeMC
    {kGuid, tag::kConferenceId},
    {kThreeWords, tag::kConferenceGoal},
    Optional(kQseriesOptions),
    kFourWords};  // callType
constexpr PerAddition kSetupAdditions[] = {
    {0, {kTransportAddress, tag::kSourceSignalAddress}},
    {2, kCallIdentifier},
    {6, {kOctetStrings, tag::kFastStart}},
    {24, {kOctetStrings, tag::kParallelH245}}};
constexpr PerType kSetup = ExtensibleSequence(kSetupFields, kSetupAdditions);

// CallProceeding and Alerting.
constexpr PerField kProceedingFields[] = {
    kObjectIdentifier, kEndpointType,
    Optional(kTransportAddress, tag::kH245Address)};
constexpr PerAddition kProceedingAdditions[] = {
    {0, kCallIdentifier}, {4, {kOctetStrings, tag::kFastStart}}};
constexpr PerType kProceeding =
    ExtensibleSequence(kProceedingFields, kProceedingAdditions);

constexpr PerField kConnectFields[] = {
    kObjectIdentifier,
    Optional(kTransportAddress, tag::kH245Address),
    kEndpointType,
    {kGuid, tag::kConferenceId}};
constexpr PerAddition kConnectAdditions[] = {
    {0, kCallIdentifier},
    {4, {kOctetStrings, tag::kFastStart}},
    {8, {kAliases, tag::kConnectedAddress}}};
constexpr PerType kConnect =
    ExtensibleSequence(kConnectFields, kConnectAdditions);

constexpr PerField kInformationFields[] = {kObjectIdentifier};
constexpr PerAddition kInformationAdditions[] = {
    {0, kCallIdentifier}, {3, {kOctetStrings, tag::kFastStart}}};
constexpr PerType kInformation =
    ExtensibleSequence(kInformationFields, kInformationAdditions);

constexpr PerField kReleaseFields[] = {kObjectIdentifier,
                                       Optional(kTwelveWords)};
constexpr PerAddition kReleaseAdditions[] = {{0, kCallIdentifier}};
constexpr PerType kReleaseComplete =
    ExtensibleSequence(kReleaseFields, kReleaseAdditions);

constexpr PerField kFacilityFields[] = {
    kObjectIdentifier,
    Optional(kTransportAddress),  // alternativeAddress
    Optional(kAliases),           // alternativeAliasAddress
    Optional(kGuid, tag::kConferenceId), kFourWords};
constexpr PerAddition kFacilityAdditions[] = {
    {0, kCallIdentifier},
    {6, {kTransportAddress, tag::kH245Address}},
    {7, {kOctetStrings, tag::kFastStart}}};
constexpr PerType kFacility =
    ExtensibleSequence(kFacilityFields, kFacilityAdditions);

constexpr PerField kProgressFields[] = {
    kObjectIdentifier, kEndpointType,
    Optional(kTransportAddress, tag::kH245Address), kCallIdentifier,
    Optional(kH245Security), Optional(kTokens),
    // cryptoTokens. Behind them is fastStart, which may have keys.
    Optional(per::kRest, tag::kSecret),
    Optional(kOctetStrings, tag::kFastStart)};
constexpr PerType kProgress = ExtensibleSequence(kProgressFields);

// Status, StatusInquiry, SetupAcknowledge and Notify.
constexpr PerField kStatusFields[] = {kObjectIdentifier, kCallIdentifier,
                                      Optional(kTokens), Optional(kEnd)};
constexpr PerType kStatus = ExtensibleSequence(kStatusFields);
constexpr PerAddition kNotifyAdditions[] = {
    {0, {kAliases, tag::kConnectedAddress}}};
constexpr PerType kNotify = ExtensibleSequence(kStatusFields, kNotifyAdditions);

// H323-UU-PDU.
constexpr PerField kBodyFields[] = {
    {kSetup, tag::kMessage},       {kProceeding, tag::kMessage},
    {kConnect, tag::kMessage},     {kProceeding, tag::kMessage},
    {kInformation, tag::kMessage}, {kReleaseComplete, tag::kMessage},
    {kFacility, tag::kMessage}};
constexpr PerAddition kBodyAdditions[] = {{0, {kProgress, tag::kMessage}},
                                          {2, {kStatus, tag::kMessage}},
                                          {3, {kStatus, tag::kMessage}},
                                          {4, {kStatus, tag::kMessage}},
                                          {5, {kNotify, tag::kMessage}}};
constexpr PerType kBody = ExtensibleChoice(kBodyFields, kBodyAdditions);
constexpr PerField kUuPduFields[] = {{kBody, tag::kBody},
                                     Optional(kNonStandard)};
constexpr PerAddition kUuPduAdditions[] = {
    {2, {kOctetStrings, tag::kH245Control}}};
constexpr PerType kUuPdu = ExtensibleSequence(kUuPduFields, kUuPduAdditions);
constexpr PerType kUserBytes = Octets(1, 131);
constexpr PerField kUserDataFields[] = {kU8, kUserBytes};
constexpr PerType kUserData = ExtensibleSequence(kUserDataFields);
constexpr PerField kUserInformationFields[] = {kUuPdu, Optional(kUserData)};

// RAS. Of most messages the name is enough.
constexpr PerType kSequenceNumber = Integer(1, 65'535);
constexpr PerType kTwoWords = Words(2);
constexpr PerField kAdmissionRequestFields[] = {
    kSequenceNumber,
    kFourWords,  // callType
    Optional(kTwoWords),
    kWide128,  // endpointIdentifier
    Optional(kAliases, tag::kDestinationAddress),
    Optional(kTransportAddress),
    Optional(kAliases),
    {kAliases, tag::kSourceAddress},
    Optional(kTransportAddress),
    kU32,  // bandWidth
    kU16,  // callReferenceValue
    Optional(kNonStandard),
    Optional(kQseriesOptions),
    {kGuid, tag::kConferenceId},
    kBoolean,   // activeMC
    kBoolean};  // answerCall
constexpr PerAddition kAdmissionRequestAdditions[] = {{1, kCallIdentifier}};
constexpr PerType kAdmissionRequest =
    ExtensibleSequence(kAdmissionRequestFields, kAdmissionRequestAdditions);
constexpr PerField kRasFields[] = {kEnd,
                                   kEnd,
                                   kEnd,  // Gatekeeper
                                   kEnd,
                                   kEnd,
                                   kEnd,  // Registration
                                   kEnd,
                                   kEnd,
                                   kEnd,  // Unregistration
                                   {kAdmissionRequest, tag::kMessage},
                                   kEnd,
                                   kEnd,  // Admission
                                   kEnd,
                                   kEnd,
                                   kEnd,  // Bandwidth
                                   kEnd,
                                   kEnd,
                                   kEnd,  // Disengage
                                   kEnd,
                                   kEnd,
                                   kEnd,  // Location
                                   kEnd,
                                   kEnd,  // Info
                                   kEnd,
                                   kEnd};  // Non-standard, unknown
constexpr PerType kRas = ExtensibleChoice(kRasFields);
constexpr PerField kRasField[] = {{kRas, tag::kBody}};

}  // namespace

constinit const PerType kH323UserInformation =
    ExtensibleSequence(kUserInformationFields);
// A sequence around it, so that the alternative has a value.
constinit const PerType kRasMessage = Sequence(kRasField);

}  // namespace callbraid
