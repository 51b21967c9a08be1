#include "controller/rpc/policy_service.h"

#include <utility>

#include "controller/fleet/policy_desk.h"
#include "controller/rpc/desk_answer.h"

namespace flotilla::controller {

grpc::ServerUnaryReactor* PolicyService::CreateFreeze(grpc::CallbackServerContext* context,
                                                      const v1::CreateFreezeRequest* request,
                                                      v1::CreateFreezeResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, request, response](const std::string& actor, const OperatorCalls::Finish& finish) {
        calls_.fleet().policies().CreateFreeze(*request, actor, Answer(response, finish));
      });
}

grpc::ServerUnaryReactor* PolicyService::DeleteFreeze(grpc::CallbackServerContext* context,
                                                      const v1::DeleteFreezeRequest* request,
                                                      v1::DeleteFreezeResponse* /*response*/) {
  return calls_.Serve(
      context, *request,
      [this, request](const std::string& actor, const OperatorCalls::Finish& finish) {
        calls_.fleet().policies().DeleteFreeze(*request, actor, finish);
      });
}

grpc::ServerUnaryReactor* PolicyService::ListFreezes(grpc::CallbackServerContext* context,
                                                     const v1::ListFreezesRequest* request,
                                                     v1::ListFreezesResponse* response) {
  return calls_.Serve(context, *request,
                      [this, response](const std::string&, const OperatorCalls::Finish& finish) {
                        for (v1::Freeze& freeze : calls_.fleet().policies().Freezes()) {
                          *response->add_freezes() = std::move(freeze);
                        }
                        finish(OkStatus());
                      });
}

grpc::ServerUnaryReactor* PolicyService::PinDevice(grpc::CallbackServerContext* context,
                                                   const v1::PinDeviceRequest* request,
                                                   v1::PinDeviceResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, request, response](const std::string& actor, const OperatorCalls::Finish& finish) {
        calls_.fleet().policies().PinDevice(*request, actor, Answer(response, finish));
      });
}

grpc::ServerUnaryReactor* PolicyService::UnpinDevice(grpc::CallbackServerContext* context,
                                                     const v1::UnpinDeviceRequest* request,
                                                     v1::UnpinDeviceResponse* /*response*/) {
  return calls_.Serve(
      context, *request,
      [this, request](const std::string& actor, const OperatorCalls::Finish& finish) {
        calls_.fleet().policies().UnpinDevice(*request, actor, finish);
      });
}

grpc::ServerUnaryReactor* PolicyService::ListPins(grpc::CallbackServerContext* context,
                                                  const v1::ListPinsRequest* request,
                                                  v1::ListPinsResponse* response) {
  return calls_.Serve(context, *request,
                      [this, response](const std::string&, const OperatorCalls::Finish& finish) {
                        for (v1::Pin& pin : calls_.fleet().policies().Pins()) {
                          *response->add_pins() = std::move(pin);
                        }
                        finish(OkStatus());
                      });
}

}  // namespace flotilla::controller
