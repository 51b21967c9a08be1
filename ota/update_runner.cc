#include "ota/update_runner.h"

#include <set>
#include <stop_token>
#include <utility>

#include "ota/prepare_run.h"

namespace flotilla::ota {

UpdateRunner::UpdateRunner(UpdateRunnerOptions options, tuf::TufClient& tuf, BlobFetcher& fetcher,
                           Store& store, SelfTester& tester, DurableFs& fs, Clock& clock,
                           Random& random)
    : options_(std::move(options)),
      tuf_(tuf),
      fetcher_(fetcher),
      store_(store),
      tester_(tester),
      fs_(fs),
      clock_(clock),
      random_(random) {}

StatusOr<PrepareResult> UpdateRunner::Prepare(const v1::Assignment& assignment, LineSlots& slots,
                                              UpdateObserver& observer, PrepareTrace& trace,
                                              const std::stop_token& stop) {
  trace = PrepareTrace();
  const PreparePorts ports{options_, tuf_, fetcher_, store_, tester_, fs_, clock_, random_};
  return PrepareRun(ports, assignment, slots, observer, trace, stop).Run();
}

Status UpdateRunner::CollectGarbage() {
  FLOTILLA_ASSIGN_OR_RETURN(const std::set<Digest> keep, ReferencedBlobs(options_.state_dir));
  return store_.CollectGarbage(keep);
}

}  // namespace flotilla::ota
