#include "controller/rpc/audit_service.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace flotilla::controller {
namespace {

constexpr std::uint32_t kDefaultPage = 100;
constexpr std::uint32_t kMaxPage = 1000;

Status Check(const v1::ListAuditRequest& request) {
  if (request.page_size() > kMaxPage) {
    return InvalidArgument("page_size is at most " + std::to_string(kMaxPage));
  }
  return request.has_after_seq() && request.before_seq() != 0
             ? InvalidArgument("before_seq and after_seq are not for one request")
             : OkStatus();
}

}  // namespace

grpc::ServerUnaryReactor* AuditService::ListAudit(grpc::CallbackServerContext* context,
                                                  const v1::ListAuditRequest* request,
                                                  v1::ListAuditResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, request, response](const std::string&, const OperatorCalls::Finish& finish) {
        const Status good = Check(*request);
        if (!good.ok()) {
          finish(good);
          return;
        }
        const std::size_t page = request->page_size() == 0 ? kDefaultPage : request->page_size();
        Fleet& fleet = calls_.fleet();
        // As of now: the page that is asked for comes after what was written so far.
        response->set_genesis_hash(ToText(fleet.audit_genesis().bytes()));
        response->set_head_seq(fleet.audit_head().seq);
        response->set_head_hash(ToText(fleet.audit_head().hash.bytes()));
        const auto take = [response, finish](StatusOr<std::vector<v1::AuditEntry>> entries) {
          const Status status = entries.status();
          if (status.ok()) {
            for (v1::AuditEntry& entry : *entries) {
              *response->add_entries() = std::move(entry);
            }
          }
          finish(status);
        };
        if (request->has_after_seq()) {
          fleet.ListAuditAfter(request->after_seq(), page, take);
        } else {
          fleet.ListAudit(request->before_seq(), page, take);
        }
      });
}

}  // namespace flotilla::controller
