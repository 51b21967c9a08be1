#include "controller/rpc/audit_service.h"

#include <cstddef>
#include <cstdint>
#include <utility>

namespace flotilla::controller {
namespace {

constexpr std::uint32_t kDefaultPage = 100;
constexpr std::uint32_t kMaxPage = 1000;

}  // namespace

grpc::ServerUnaryReactor* AuditService::ListAudit(grpc::CallbackServerContext* context,
                                                  const v1::ListAuditRequest* request,
                                                  v1::ListAuditResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, request, response](const std::string&, const OperatorCalls::Finish& finish) {
        if (request->page_size() > kMaxPage) {
          finish(InvalidArgument("page_size is at most " + std::to_string(kMaxPage)));
          return;
        }
        const std::size_t page = request->page_size() == 0 ? kDefaultPage : request->page_size();
        calls_.fleet().ListAudit(request->before_seq(), page, [response, finish](auto entries) {
          if (entries.ok()) {
            for (v1::AuditEntry& entry : *entries) {
              *response->add_entries() = std::move(entry);
            }
          }
          finish(entries.status());
        });
      });
}

}  // namespace flotilla::controller
