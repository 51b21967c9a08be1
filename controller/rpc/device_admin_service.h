#ifndef FLOTILLA_CONTROLLER_RPC_DEVICE_ADMIN_SERVICE_H_
#define FLOTILLA_CONTROLLER_RPC_DEVICE_ADMIN_SERVICE_H_

#include "controller/rpc/operator_calls.h"
#include "flotilla/v1/device.grpc.pb.h"

namespace flotilla::controller {

// DeviceAdminService over the fleet. Thread-safe.
class DeviceAdminService final : public v1::DeviceAdminService::CallbackService {
 public:
  explicit DeviceAdminService(OperatorCalls calls) : calls_(calls) {}

  grpc::ServerUnaryReactor* ListDevices(grpc::CallbackServerContext* context,
                                        const v1::ListDevicesRequest* request,
                                        v1::ListDevicesResponse* response) override;
  grpc::ServerUnaryReactor* GetDevice(grpc::CallbackServerContext* context,
                                      const v1::GetDeviceRequest* request,
                                      v1::GetDeviceResponse* response) override;
  grpc::ServerUnaryReactor* ExplainDevice(grpc::CallbackServerContext* context,
                                          const v1::ExplainDeviceRequest* request,
                                          v1::ExplainDeviceResponse* response) override;
  grpc::ServerUnaryReactor* RevokeDevice(grpc::CallbackServerContext* context,
                                         const v1::RevokeDeviceRequest* request,
                                         v1::RevokeDeviceResponse* response) override;
  grpc::ServerUnaryReactor* RevokeCertificate(grpc::CallbackServerContext* context,
                                              const v1::RevokeCertificateRequest* request,
                                              v1::RevokeCertificateResponse* response) override;
  grpc::ServerUnaryReactor* DecommissionDevice(grpc::CallbackServerContext* context,
                                               const v1::DecommissionDeviceRequest* request,
                                               v1::DecommissionDeviceResponse* response) override;

 private:
  const OperatorCalls calls_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_DEVICE_ADMIN_SERVICE_H_
