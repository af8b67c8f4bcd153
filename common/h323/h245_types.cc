#include "common/h323/h245_types.h"

#include "common/h323/h245_capabilities.h"
#include "common/h323/h323_tag.h"

namespace callbraid {
namespace {

using per::Choice;
using per::ExtensibleChoice;
using per::ExtensibleInteger;
using per::ExtensibleSequence;
using per::Integer;
using per::kAnyOctets;
using per::kBoolean;
using per::kEnd;
using per::kNull;
using per::kObjectIdentifier;
using per::kRest;
using per::kU16;
using per::kU8;
using per::Octets;
using per::Sequence;
using per::SequenceOf;
using per::Text;
using per::Words;

constexpr PerType kChannelNumber = Integer(1, 65'535);

// TransportAddress.
constexpr PerType kIp4 = Octets(4, 4);
constexpr PerType kIp6 = Octets(16, 16);
constexpr PerType kIpxNode = Octets(6, 6);
constexpr PerType kIpxPort = Octets(2, 2);
constexpr PerField kIp4Fields[] = {{kIp4, tag::kIp}, {kU16, tag::kPort}};
constexpr PerType kIp4Address = ExtensibleSequence(kIp4Fields);
constexpr PerField kIp6Fields[] = {{kIp6, tag::kIp}, {kU16, tag::kPort}};
constexpr PerType kIp6Address = ExtensibleSequence(kIp6Fields);
constexpr PerField kIpxFields[] = {kIpxNode, kIp4, kIpxPort};
constexpr PerType kIpx = ExtensibleSequence(kIpxFields);
constexpr PerType kRouting = Choice(std::span(per::kNulls).first(2));
constexpr PerField kIp4Item[] = {kIp4};
constexpr PerType kRoute = SequenceOf(kIp4Item);
constexpr PerField kSourceRouteFields[] = {
    kRouting, {kIp4, tag::kIp}, {kU16, tag::kPort}, kRoute};
constexpr PerType kSourceRoute = ExtensibleSequence(kSourceRouteFields);
constexpr PerField kUnicastFields[] = {kIp4Address, kIpx, kIp6Address, kIp6,
                                       kSourceRoute};
constexpr PerType kUnicast = ExtensibleChoice(kUnicastFields);
constexpr PerField kMulticastFields[] = {kIp4Address, kIp6Address};
constexpr PerType kMulticast = ExtensibleChoice(kMulticastFields);
constexpr PerField kTransportFields[] = {kUnicast,
                                         {kMulticast, tag::kMulticast}};
constexpr PerType kTransportAddress = ExtensibleChoice(kTransportFields);

// DataType.
constexpr PerType kPayloadType = Integer(0, 127);
constexpr PerType kDynamicPayloadType = Integer(96, 127);
constexpr PerField kMediaTypeFields[] = {kH245NonStandard,
                                         kVideoCapability,
                                         {kAudioCapability, tag::kAudio},
                                         kDataCapability};
constexpr PerType kMediaType = ExtensibleChoice(kMediaTypeFields);
constexpr PerField kAlgorithmFields[] = {kH245NonStandard, kObjectIdentifier};
constexpr PerType kAlgorithm = ExtensibleChoice(kAlgorithmFields);
constexpr PerField kAlgorithmItem[] = {kAlgorithm};
constexpr PerType kAlgorithms = SequenceOf(kAlgorithmItem, 1, 256);
constexpr PerField kJustNonStandard[] = {Optional(kH245NonStandard)};
constexpr PerType kAuthentication = ExtensibleSequence(kJustNonStandard);
constexpr PerField kProtectionFields[] = {Optional(kAlgorithms),
                                          Optional(kAuthentication),
                                          Optional(kAuthentication)};
// genericH235SecurityCapability: the keys of SRTP (H.235.8).
constexpr PerAddition kProtectionAdditions[] = {{0, {kRest, tag::kSecret}}};
constexpr PerType kProtection =
    ExtensibleSequence(kProtectionFields, kProtectionAdditions);
constexpr PerField kH235MediaFields[] = {kProtection, kMediaType};
constexpr PerType kH235Media = ExtensibleSequence(kH235MediaFields);
extern const PerType kDataType;
constexpr PerField kElementFields[] = {
    {kDataType, tag::kDataType}, Optional(kPayloadType, tag::kPayloadType)};
constexpr PerType kElement = ExtensibleSequence(kElementFields);
constexpr PerField kElementItem[] = {{kElement, tag::kElement}};
constexpr PerType kElements = SequenceOf(kElementItem);
constexpr PerField kElementsField[] = {kElements};
constexpr PerType kMultiplePayloadStream = ExtensibleSequence(kElementsField);
constexpr PerField kEncryptionModeFields[] = {kH245NonStandard, kNull};
constexpr PerType kEncryptionMode = ExtensibleChoice(kEncryptionModeFields);
constexpr PerField kDataTypeFields[] = {
    kH245NonStandard, kNull,
    kVideoCapability, {kAudioCapability, tag::kAudio},
    kDataCapability,  kEncryptionMode};
constexpr PerAddition kDataTypeAdditions[] = {
    {1, {kH235Media, tag::kEncryptedMedia}}, {4, kMultiplePayloadStream}};
constinit const PerType kDataType =
    ExtensibleChoice(kDataTypeFields, kDataTypeAdditions);

// H2250LogicalChannelParameters and the parameters of its acknowledgement.
constexpr PerField kNonStandardItem[] = {kH245NonStandard};
constexpr PerType kNonStandards = SequenceOf(kNonStandardItem);
constexpr PerType kLabelNumber = Integer(0, 192);
constexpr PerField kLabelFields[] = {kLabelNumber, kLabelNumber};
constexpr PerType kTerminalLabel = ExtensibleSequence(kLabelFields);
constexpr PerType kRfcNumber = ExtensibleInteger(1, 32'768);
constexpr PerField kDescriptorFields[] = {kH245NonStandard, kRfcNumber,
                                          kObjectIdentifier};
constexpr PerType kDescriptor = ExtensibleChoice(kDescriptorFields);
constexpr PerField kRtpPayloadFields[] = {
    kDescriptor, Optional(kPayloadType, tag::kPayloadType)};
constexpr PerType kRtpPayloadType = ExtensibleSequence(kRtpPayloadFields);
constexpr PerField kPacketizationFields[] = {kNull};
constexpr PerAddition kPacketizationAdditions[] = {{0, kRtpPayloadType}};
constexpr PerType kPacketization =
    ExtensibleChoice(kPacketizationFields, kPacketizationAdditions);
constexpr PerType kOtherSession = Integer(1, 255);
constexpr PerField kParameterFields[] = {
    Optional(kNonStandards),
    {kU8, tag::kSessionId},
    Optional(kOtherSession),
    Optional(kTransportAddress, tag::kMediaChannel),
    Optional(kBoolean),
    Optional(kTransportAddress, tag::kMediaControlChannel),
    Optional(kBoolean),
    Optional(kBoolean),  // silenceSuppression
    Optional(kTerminalLabel),
    Optional(kDynamicPayloadType, tag::kPayloadType),
    Optional(kPacketization)};
constexpr PerType kParameters = ExtensibleSequence(kParameterFields);
constexpr PerField kAckParameterFields[] = {
    Optional(kNonStandards), Optional(kOtherSession, tag::kSessionId),
    Optional(kTransportAddress, tag::kMediaChannel),
    Optional(kTransportAddress, tag::kMediaControlChannel),
    Optional(kDynamicPayloadType, tag::kPayloadType)};
constexpr PerType kAckParameters = ExtensibleSequence(kAckParameterFields);

// What is not read though a key (H.235) may be behind it.
constexpr PerField kHidden = {kRest, tag::kSecret};

// OpenLogicalChannel. Before H.2250 parameters come those of H.222, H.223 and
// V.76.
constexpr PerField kForwardMultiplexFields[] = {kHidden, kHidden, kHidden};
constexpr PerField kReverseMultiplexFields[] = {kHidden, kHidden};
constexpr PerField kAckMultiplexFields[] = {kHidden};
constexpr PerAddition kMultiplexAdditions[] = {{0, kParameters}};
constexpr PerType kForwardMultiplex =
    ExtensibleChoice(kForwardMultiplexFields, kMultiplexAdditions);
constexpr PerType kReverseMultiplex =
    ExtensibleChoice(kReverseMultiplexFields, kMultiplexAdditions);
constexpr PerType kAckReverseMultiplex =
    ExtensibleChoice(kAckMultiplexFields, kMultiplexAdditions);
constexpr PerField kForwardFields[] = {
    Optional(kU16), {kDataType, tag::kDataType}, kForwardMultiplex};
constexpr PerType kForward = ExtensibleSequence(kForwardFields);
constexpr PerField kReverseFields[] = {{kDataType, tag::kDataType},
                                       Optional(kReverseMultiplex)};
constexpr PerType kReverse = ExtensibleSequence(kReverseFields);
constexpr PerField kOpenFields[] = {{kChannelNumber, tag::kChannel},
                                    {kForward, tag::kForward},
                                    Optional(kReverse, tag::kReverse)};
// encryptionSync
constexpr PerAddition kOpenAdditions[] = {{1, {kRest, tag::kSecret}}};

constexpr PerField kAckReverseFields[] = {kChannelNumber, Optional(kU16),
                                          Optional(kAckReverseMultiplex)};
constexpr PerType kAckReverse = ExtensibleSequence(kAckReverseFields);
constexpr PerField kOpenAckFields[] = {{kChannelNumber, tag::kChannel},
                                       Optional(kAckReverse, tag::kReverse)};
constexpr PerField kForwardAckFields[] = {kAckParameters};
constexpr PerType kForwardAck = ExtensibleChoice(kForwardAckFields);
constexpr PerAddition kOpenAckAdditions[] = {{1, {kForwardAck, tag::kAck}},
                                             {2, {kRest, tag::kSecret}}};
constexpr PerType kOpenAck =
    ExtensibleSequence(kOpenAckFields, kOpenAckAdditions);

// Others that begin with a channel: what follows is of no interest.
constexpr PerField kChannelFields[] = {{kChannelNumber, tag::kChannel}, kEnd};
constexpr PerType kOfChannel = ExtensibleSequence(kChannelFields);

// TerminalCapabilitySet.
constexpr PerField kMultiplexFields[] = {kH245NonStandard, kEnd, kEnd, kEnd};
constexpr PerType kMultiplexCapability = ExtensibleChoice(kMultiplexFields);
constexpr PerField kEntryFields[] = {kChannelNumber, Optional(kCapability)};
constexpr PerType kEntry = Sequence(kEntryFields);
constexpr PerField kEntryItem[] = {kEntry};
constexpr PerType kCapabilityTable = SequenceOf(kEntryItem, 1, 256);
constexpr PerField kCapabilitySetFields[] = {
    kU8, kObjectIdentifier, Optional(kMultiplexCapability),
    Optional(kCapabilityTable, tag::kCapabilities),
    Optional(kEnd)};  // capabilityDescriptors
constexpr PerType kCapabilitySet = ExtensibleSequence(kCapabilitySetFields);

// UserInputIndication.
constexpr PerType kOneCharacter = Text(1, 1);
// signal: duration, rtp.
constexpr PerField kSignalFields[] = {
    {kOneCharacter, tag::kSignal}, Optional(kEnd), Optional(kEnd)};
constexpr PerType kSignal = ExtensibleSequence(kSignalFields);
constexpr PerField kExtendedFields[] = {{kAnyOctets, tag::kAlphanumeric},
                                        Optional(kNull)};
constexpr PerType kExtended = ExtensibleSequence(kExtendedFields);
constexpr PerField kUserInputFields[] = {kH245NonStandard,
                                         {kAnyOctets, tag::kAlphanumeric}};
constexpr PerAddition kUserInputAdditions[] = {{1, kSignal}, {3, kExtended}};
constexpr PerType kUserInput =
    ExtensibleChoice(kUserInputFields, kUserInputAdditions);

// MiscellaneousCommand. What comes behind its type is of no interest, nor are
// the types with parameters.
constexpr PerField kCommandTypeFields[] = {
    kNull, kNull, kNull, kNull, kNull,  // ... videoFreezePicture
    kNull, kEnd,  kEnd,                 // videoFastUpdatePicture...
    kNull, kNull};                      // videoSendSyncEveryGOB, ...Cancel
// encryptionUpdate, encryptionUpdateCommand
constexpr PerAddition kCommandTypeAdditions[] = {{2, {kRest, tag::kSecret}},
                                                 {13, {kRest, tag::kSecret}}};
constexpr PerType kCommandType =
    ExtensibleChoice(kCommandTypeFields, kCommandTypeAdditions);
constexpr PerField kMiscellaneousFields[] = {kChannelNumber, kCommandType};
constexpr PerType kMiscellaneousCommand =
    ExtensibleSequence(kMiscellaneousFields);

constexpr PerField kRequestFields[] = {
    kEnd,       kEnd, kCapabilitySet, kOpenLogicalChannel,
    kOfChannel,  // closeLogicalChannel
    kOfChannel,  // requestChannelClose
    kEnd,       kEnd, kEnd,           kEnd,
    kEnd};
constexpr PerField kResponseFields[] = {
    kEnd,       kEnd, kEnd, kEnd, kEnd, kOpenAck,
    kOfChannel,  // openLogicalChannelReject
    kOfChannel,  // closeLogicalChannelAck
    kOfChannel,  // requestChannelCloseAck
    kEnd,       kEnd, kEnd, kEnd, kEnd, kEnd,     kEnd, kEnd, kEnd, kEnd};
constexpr PerField kCommandFields[] = {
    kEnd, kEnd, kEnd, kEnd, kEnd, kEnd, kMiscellaneousCommand};
constexpr PerField kIndicationFields[] = {
    kEnd,       kEnd, kEnd, kEnd,
    kOfChannel,  // openLogicalChannelConfirm
    kEnd,       kEnd, kEnd, kEnd, kEnd, kEnd, kEnd, kEnd, kUserInput};
constexpr PerType kRequest = ExtensibleChoice(kRequestFields);
constexpr PerType kResponse = ExtensibleChoice(kResponseFields);
constexpr PerType kCommand = ExtensibleChoice(kCommandFields);
constexpr PerType kIndication = ExtensibleChoice(kIndicationFields);
constexpr PerField kMessageFields[] = {{kRequest, tag::kRequest},
                                       {kResponse, tag::kResponse},
                                       {kCommand, tag::kCommand},
                                       {kIndication, tag::kIndication}};

}  // namespace

constinit const PerType kOpenLogicalChannel =
    ExtensibleSequence(kOpenFields, kOpenAdditions);
constinit const PerType kMultimediaSystemControlMessage =
    ExtensibleChoice(kMessageFields);

}  // namespace callbraid
