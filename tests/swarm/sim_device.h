// A light device of the swarm: an identity, a reporting key, and nothing else.
#ifndef FLOTILLA_TESTS_SWARM_SIM_DEVICE_H_
#define FLOTILLA_TESTS_SWARM_SIM_DEVICE_H_

#include <memory>
#include <string>

#include <grpcpp/grpcpp.h>

#include "flotilla/v1/metrics.grpc.pb.h"

#include "base/status.h"
#include "security/key_file.h"

namespace flotilla::swarm {

struct SwarmAddresses {
  std::string enrolment;  // "host:port"
  std::string device;
  std::string token;
};

// Blocking; one thread at a time for each device.
class SimDevice {
 public:
  // Enrols as `name`; asks again while the controller takes no more. Errors as of
  // EnrolmentService.
  static StatusOr<std::unique_ptr<SimDevice>> Enrol(const SwarmAddresses& addresses,
                                                    const std::string& ca_pem,
                                                    const std::string& name);

  const std::string& name() const { return name_; }
  security::KeyPair& reporting_key() { return *reporting_key_; }

  StatusOr<v1::GetHealthTasksResponse> GetTasks();
  // `message`: task id and report.
  StatusOr<v1::UploadResult> Upload(const std::string& message);

 private:
  SimDevice(std::string name, std::unique_ptr<security::KeyPair> reporting_key,
            std::shared_ptr<grpc::Channel> channel);

  const std::string name_;
  const std::unique_ptr<security::KeyPair> reporting_key_;
  const std::shared_ptr<grpc::Channel> channel_;
};

// The authority of the controller that the token names. As of security::FindPinnedAuthority.
StatusOr<std::string> AuthorityOf(const SwarmAddresses& addresses);

}  // namespace flotilla::swarm

#endif  // FLOTILLA_TESTS_SWARM_SIM_DEVICE_H_
