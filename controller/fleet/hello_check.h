#ifndef FLOTILLA_CONTROLLER_FLEET_HELLO_CHECK_H_
#define FLOTILLA_CONTROLLER_FLEET_HELLO_CHECK_H_

#include <google/protobuf/repeated_field.h>

#include "flotilla/v1/device.pb.h"
#include "flotilla/v1/session.pb.h"
#include "flotilla/v1/update.pb.h"

#include "base/status.h"

namespace flotilla::controller {

// The limits that session.proto and update.proto write down. INVALID_ARGUMENT names the field.
Status CheckHello(const v1::Hello& hello);
Status CheckLines(const google::protobuf::RepeatedPtrField<v1::LineStatus>& lines);
Status CheckCondition(const v1::Condition& condition);
Status CheckReport(const v1::UpdateReport& report);

// What a Hello says about the device itself.
void TakeHello(const v1::Hello& hello, v1::Device& device);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_FLEET_HELLO_CHECK_H_
