#include "tests/swarm/swarm.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <thread>
#include <tuple>
#include <utility>

#include "absl/strings/escaping.h"

#include "base/bytes.h"
#include "telemetry/dap/hpke_config.h"
#include "telemetry/dap/task_configuration.h"
#include "tests/swarm/report_secrets.h"

namespace flotilla::swarm {
namespace {

constexpr std::size_t kThreads = 8;
constexpr auto kPollEvery = std::chrono::milliseconds(500);
constexpr int kUploadAttempts = 40;

// The same number for the same three, whatever thread asks (splitmix64).
std::uint64_t Mixed(std::uint64_t seed, std::uint64_t a, std::uint64_t b) {
  std::uint64_t x = seed + 0x9e3779b97f4a7c15U * (a + 1) + 0xbf58476d1ce4e5b9U * (b + 1);
  for (int round = 0; round < 3; ++round) {
    x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
    x ^= x >> 31U;
  }
  return x;
}

StatusOr<security::PublicKey> Ed25519Of(ByteView spki) {
  constexpr std::size_t kKeyBytes = 32;
  if (spki.size() < kKeyBytes) {
    return InvalidArgument("not an Ed25519 key");
  }
  return security::PublicKey::FromTuf("ed25519", "ed25519", HexEncode(spki.last(kKeyBytes)));
}

}  // namespace

Status Swarm::Enrol() {
  FLOTILLA_ASSIGN_OR_RETURN(const std::string ca, AuthorityOf(options_.addresses));
  devices_.resize(options_.count);
  std::atomic<std::size_t> next = 0;
  std::vector<Status> errors(kThreads);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = next++; i < options_.count && errors[t].ok(); i = next++) {
        auto device =
            SimDevice::Enrol(options_.addresses, ca, options_.name_prefix + std::to_string(i));
        errors[t] = device.status();
        if (device.ok()) {
          devices_[i] = *std::move(device);
        }
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  for (const Status& error : errors) {
    FLOTILLA_RETURN_IF_ERROR(error);
  }
  std::ofstream out(options_.reporting_keys_out);
  for (const auto& device : devices_) {
    const Bytes& spki = device->reporting_key().public_key().spki_der();
    out << absl::Base64Escape(std::string(AsText(spki))) << " " << device->name() << "\n";
  }
  out.close();
  if (!out) {
    return Unavailable("cannot write " + options_.reporting_keys_out.string());
  }
  std::ignore = std::printf("{\"event\":\"enrolled\",\"devices\":%zu}\n", devices_.size());
  std::ignore = std::fflush(stdout);
  return OkStatus();
}

Status Swarm::Answer() {
  std::vector<std::thread> threads;
  threads.emplace_back([this] { Poll(); });
  for (std::size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([this] { Work(); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  return OkStatus();
}

void Swarm::Poll() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    lock.unlock();
    const auto tasks = devices_.front()->GetTasks();
    lock.lock();
    Status status = tasks.status();
    if (status.ok()) {
      status = TakeTasks(*tasks);
    }
    if (!status.ok() && status.code() != StatusCode::kUnavailable) {
      std::ignore = std::fprintf(stderr, "flotilla-reporters: %s\n", status.ToString().c_str());
    }
    changed_.wait_for(lock, kPollEvery, [this] { return ending_; });
  }
}

// As a device does: keys by the identities that it knows, tasks by their own rules.
Status Swarm::TakeTasks(const v1::GetHealthTasksResponse& response) {
  const Time now = clock_.Now();
  FLOTILLA_ASSIGN_OR_RETURN(const security::PublicKey leader,
                            Ed25519Of(AsBytes(response.leader_identity())));
  FLOTILLA_ASSIGN_OR_RETURN(
      const dap::SignedHpkeConfigs leader_configs,
      dap::SignedHpkeConfigs::Decode(AsBytes(response.leader_hpke_configs())));
  FLOTILLA_ASSIGN_OR_RETURN(
      const dap::SignedHpkeConfigs helper_configs,
      dap::SignedHpkeConfigs::Decode(AsBytes(response.helper_hpke_configs())));
  FLOTILLA_ASSIGN_OR_RETURN(
      leader_key_, dap::VerifyHpkeConfigs(leader_configs, dap::Role::kLeader, leader, now));
  FLOTILLA_ASSIGN_OR_RETURN(
      helper_key_, dap::VerifyHpkeConfigs(helper_configs, dap::Role::kHelper, helper_, now));
  for (const std::string& bytes : response.task_configurations()) {
    FLOTILLA_ASSIGN_OR_RETURN(const dap::TaskConfiguration configuration,
                              dap::TaskConfiguration::Decode(AsBytes(bytes)));
    FLOTILLA_ASSIGN_OR_RETURN(dap::Task task, dap::Task::Create(configuration));
    if (known_.insert(task.id()).second) {
      Plan(std::make_shared<const dap::Task>(std::move(task)));
    }
  }
  return OkStatus();
}

void Swarm::Plan(const std::shared_ptr<const dap::Task>& task) {
  const dap::TaskConfiguration& configuration = task->configuration();
  const auto millis = static_cast<std::uint64_t>(absl::ToInt64Milliseconds(task->WindowLength()));
  for (std::uint32_t look = 0; look < configuration.noise.looks; ++look) {
    const dap::WindowStart window = configuration.interval.start + look * configuration.window;
    if (clock_.Now() >= task->EndOf(window)) {
      continue;  // not measured
    }
    truth_.Expect({task->id(), window}, configuration.shape.buckets, devices_.size());
    for (std::size_t device = 0; device < devices_.size(); ++device) {
      const auto after = static_cast<std::int64_t>(UniformBelow(random_, millis));
      jobs_.push({task->EndOf(window) + absl::Milliseconds(after), device, task, window});
    }
  }
  changed_.notify_all();
}

void Swarm::Work() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    if (jobs_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const Duration wait = jobs_.top().at - clock_.Now();
    if (wait > absl::ZeroDuration()) {
      changed_.wait_for(lock, absl::ToChronoMilliseconds(wait) + std::chrono::milliseconds(1));
      continue;
    }
    const Job job = jobs_.top();
    jobs_.pop();
    lock.unlock();
    Send(job);
    const bool last = truth_.Settle({job.task->id(), job.window});
    lock.lock();
    if (last) {
      std::ignore = std::printf("%s\n", truth_.Line(*job.task, job.window).c_str());
      std::ignore = std::fflush(stdout);
      ++answered_;
      ending_ = options_.windows != 0 && answered_ >= options_.windows;
      changed_.notify_all();
    }
  }
}

bool Swarm::Lies(std::size_t device) const {
  // Spread evenly, so that a share of 1 % of 1,000 is 10.
  return options_.bad_percent > 0 &&
         (device + 1) * options_.bad_percent / 100 > device * options_.bad_percent / 100;
}

std::uint32_t Swarm::DrawBucket(const dap::Task& task, std::size_t device) const {
  const std::uint32_t buckets = task.configuration().shape.buckets;
  const std::uint32_t metric = task.configuration().cohort.metric;
  const std::uint64_t mode = Mixed(options_.seed, metric, 0) % buckets;
  // The sum of three dice around the mode.
  const std::uint64_t draw = Mixed(options_.seed, metric, device + 1);
  const std::uint64_t spread = draw % 3 + (draw >> 16U) % 3 + (draw >> 32U) % 3;
  return static_cast<std::uint32_t>((mode + spread + buckets - 3 % buckets) % buckets);
}

StatusOr<v1::UploadResult> Swarm::UploadOf(const Job& job, std::uint32_t bucket, Lie lie,
                                           Random& random) {
  ReportKeys keys;
  {
    const std::lock_guard lock(mutex_);
    keys = {leader_key_, helper_key_, &devices_[job.device]->reporting_key()};
  }
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes report,
                            MakeReport(*job.task, keys, job.window, bucket, lie, random));
  std::string message = ToText(job.task->id().bytes());
  message += ToText(report);
  StatusOr<v1::UploadResult> result = v1::UPLOAD_RESULT_TRY_AGAIN;
  for (int attempt = 0; attempt < kUploadAttempts; ++attempt) {
    result = devices_[job.device]->Upload(message);
    const bool again = result.ok() ? *result == v1::UPLOAD_RESULT_TRY_AGAIN
                                   : result.status().code() == StatusCode::kUnavailable ||
                                         result.status().code() == StatusCode::kDeadlineExceeded;
    if (!again) {
      break;
    }
    std::this_thread::sleep_for(kPollEvery);
  }
  return result;
}

Status Swarm::WriteSecrets(const Job& job, std::uint32_t bucket, ByteView drawn) {
  if (options_.secrets_out.empty()) {
    return OkStatus();
  }
  FLOTILLA_ASSIGN_OR_RETURN(const ReportSecrets secrets, SecretsOf(*job.task, bucket, drawn));
  const std::string line = SecretsLine(devices_[job.device]->name(), bucket, secrets);
  const std::lock_guard lock(secrets_mutex_);
  std::ofstream out(options_.secrets_out, std::ios::app);
  out << line << "\n";
  return out.flush() ? OkStatus() : Unavailable("cannot write " + options_.secrets_out.string());
}

void Swarm::Send(const Job& job) {
  const Truth::Key key{job.task->id(), job.window};
  const std::uint32_t bucket = DrawBucket(*job.task, job.device);
  const std::size_t liar = job.device * options_.bad_percent / 100;  // the how-manieth
  const Lie lie = Lies(job.device) ? kLies[liar % kLies.size()] : Lie::kNone;
  RecordedRandom recorded(random_);
  const StatusOr<v1::UploadResult> result = UploadOf(job, bucket, lie, recorded);
  if (lie != Lie::kNone) {
    truth_.NoteLie(key, std::string(NameOf(lie)));
  } else if (result.ok() && *result == v1::UPLOAD_RESULT_TAKEN) {
    truth_.NoteHonest(key, bucket);
    if (const Status written = WriteSecrets(job, bucket, recorded.bytes()); !written.ok()) {
      std::ignore = std::fprintf(stderr, "flotilla-reporters: %s\n", written.ToString().c_str());
    }
  } else {
    truth_.NoteNotTaken(
        key, result.ok() ? v1::UploadResult_Name(*result) : CodeName(result.status().code()));
  }
}

}  // namespace flotilla::swarm
