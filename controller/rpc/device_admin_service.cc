#include "controller/rpc/device_admin_service.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "controller/fleet/fleet_state.h"
#include "controller/rollout/selector.h"
#include "controller/rollout/serving.h"

namespace flotilla::controller {
namespace {

constexpr std::uint32_t kMaxPage = 1000;
constexpr std::size_t kMaxSerialDigits = 64;

Status FillPage(const FleetState& state, const v1::ListDevicesRequest& request,
                v1::ListDevicesResponse& response) {
  FLOTILLA_ASSIGN_OR_RETURN(const rollout::Selector selector,
                            rollout::Selector::Parse(request.selector()));
  if (request.page_size() > kMaxPage) {
    return InvalidArgument("page_size is at most " + std::to_string(kMaxPage));
  }
  const int page = static_cast<int>(request.page_size() == 0 ? kMaxPage : request.page_size());
  const auto& devices = state.devices();
  for (auto next = devices.upper_bound(request.page_token()); next != devices.end(); ++next) {
    const v1::Device& device = next->second.record;
    if (!selector.Matches(device) ||
        (request.not_serving() && !rollout::FindNotServing(device).has_value())) {
      continue;
    }
    if (response.devices_size() == page) {
      response.set_next_page_token(response.devices(page - 1).id());
      break;
    }
    *response.add_devices() = device;
  }
  return OkStatus();
}

// As PeerIdentity writes serials.
Status CheckSerial(const std::string& serial) {
  const bool hex = !serial.empty() && serial.size() <= kMaxSerialDigits &&
                   serial.find_first_not_of("0123456789abcdef") == std::string::npos;
  return hex ? OkStatus() : InvalidArgument("a serial is 1 to 64 lower-case hexadecimal digits");
}

}  // namespace

grpc::ServerUnaryReactor* DeviceAdminService::ListDevices(grpc::CallbackServerContext* context,
                                                          const v1::ListDevicesRequest* request,
                                                          v1::ListDevicesResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, request, response](const std::string&, const OperatorCalls::Finish& finish) {
        finish(FillPage(calls_.fleet().state(), *request, *response));
      });
}

grpc::ServerUnaryReactor* DeviceAdminService::GetDevice(grpc::CallbackServerContext* context,
                                                        const v1::GetDeviceRequest* request,
                                                        v1::GetDeviceResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, request, response](const std::string&, const OperatorCalls::Finish& finish) {
        const v1::Device* device = calls_.fleet().state().FindDevice(request->device_id());
        if (device == nullptr) {
          finish(NotFound("no device " + request->device_id()));
          return;
        }
        *response->mutable_device() = *device;
        finish(OkStatus());
      });
}

grpc::ServerUnaryReactor* DeviceAdminService::ExplainDevice(grpc::CallbackServerContext* context,
                                                            const v1::ExplainDeviceRequest* request,
                                                            v1::ExplainDeviceResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, request, response](const std::string&, const OperatorCalls::Finish& finish) {
        calls_.fleet().ExplainDevice(request->device_id(), [response, finish](auto story) {
          if (story.ok()) {
            *response = std::move(*story);
          }
          finish(story.status());
        });
      });
}

grpc::ServerUnaryReactor* DeviceAdminService::RevokeDevice(grpc::CallbackServerContext* context,
                                                           const v1::RevokeDeviceRequest* request,
                                                           v1::RevokeDeviceResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, request, response](const std::string& actor, const OperatorCalls::Finish& finish) {
        calls_.fleet().RevokeDevice(request->device_id(), request->comment(), actor,
                                    [response, finish](auto device) {
                                      if (device.ok()) {
                                        *response->mutable_device() = std::move(*device);
                                      }
                                      finish(device.status());
                                    });
      });
}

grpc::ServerUnaryReactor* DeviceAdminService::RevokeCertificate(
    grpc::CallbackServerContext* context, const v1::RevokeCertificateRequest* request,
    v1::RevokeCertificateResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, request, response](const std::string& actor, const OperatorCalls::Finish& finish) {
        if (Status status = CheckSerial(request->serial()); !status.ok()) {
          finish(status);
          return;
        }
        calls_.fleet().RevokeCertificate(request->serial(), request->comment(), actor,
                                         [response, finish](auto revoked) {
                                           if (revoked.ok()) {
                                             *response = std::move(*revoked);
                                           }
                                           finish(revoked.status());
                                         });
      });
}

grpc::ServerUnaryReactor* DeviceAdminService::DecommissionDevice(
    grpc::CallbackServerContext* context, const v1::DecommissionDeviceRequest* request,
    v1::DecommissionDeviceResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, request, response](const std::string& actor, const OperatorCalls::Finish& finish) {
        calls_.fleet().DecommissionDevice(*request, actor, [response, finish](auto device) {
          if (device.ok()) {
            *response->mutable_device() = std::move(*device);
          }
          finish(device.status());
        });
      });
}

}  // namespace flotilla::controller
