#include "tests/swarm/agents/agent_swarm.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>

#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"

#include "base/file_lock.h"

namespace flotilla::swarm {
namespace {

constexpr int kNotStarted = 127;  // a shell's code for it

Status MakeFolders(const AgentSetup& setup, std::size_t agents) {
  for (std::size_t i = 0; i < agents; ++i) {
    std::error_code error;
    std::filesystem::create_directories(AgentFolder(setup, i), error);
    if (error) {
      return ErrnoStatus(error.value(), AgentFolder(setup, i).string());
    }
    if (setup.token_file.empty() && setup.more.empty() && !IsEnrolled(setup, i)) {
      return InvalidArgument(
          absl::StrCat(AgentName(setup, i), " is not enrolled and there is no --token"));
    }
  }
  return OkStatus();
}

// Found missing here, and not by each agent when it starts.
Status CheckFile(const char* flag, const std::filesystem::path& file, int how) {
  return file.empty() || ::access(file.c_str(), how) == 0
             ? OkStatus()
             : Annotate(ErrnoStatus(errno, file.string()), flag);
}

}  // namespace

StatusOr<AgentSwarm> AgentSwarm::Create(AgentSetup setup, const HerdOptions& options,
                                        const Clock& clock, Random& random) {
  FLOTILLA_RETURN_IF_ERROR(CheckFile("--agent", setup.agent, X_OK));
  FLOTILLA_RETURN_IF_ERROR(CheckFile("--engine", setup.engine, X_OK));
  FLOTILLA_RETURN_IF_ERROR(CheckFile("--trust-root", setup.trust_root, R_OK));
  FLOTILLA_RETURN_IF_ERROR(MakeFolders(setup, options.agents));
  FLOTILLA_ASSIGN_OR_RETURN(
      UniqueFd lock,
      LockFile(setup.folder / "agents/lock",
               Unavailable(absl::StrCat("another swarm has ", setup.folder.string()))));
  return AgentSwarm(std::move(setup), options, clock, random, std::move(lock));
}

AgentSwarm::AgentSwarm(AgentSetup setup, const HerdOptions& options, const Clock& clock,
                       Random& random, UniqueFd lock)
    : setup_(std::move(setup)),
      clock_(&clock),
      lock_(std::move(lock)),
      started_(clock.Monotonic()),
      herd_(options, started_, random),
      processes_(options.agents) {}

void AgentSwarm::Turn(const std::function<void(const std::string&)>& tell) {
  const Duration now = clock_->Monotonic();
  for (std::size_t i = 0; i < processes_.size(); ++i) {
    const auto code = processes_[i] == nullptr ? std::nullopt : processes_[i]->Wait(Duration());
    if (code.has_value()) {
      processes_[i].reset();
      herd_.Ended(i, *code, now);
      tell(absl::StrCat(AgentName(setup_, i), " ended with ", *code, ": ",
                        AgentLog(setup_, i).string()));
    }
  }
  for (const std::size_t i : herd_.Due(now)) {
    // ^C is for the swarm, which reports before it ends them.
    auto process =
        Process::StartWith(AgentCommand(setup_, i), {AgentLog(setup_, i), AgentLog(setup_, i)}, {},
                           ProcessGroup::kOwn);
    if (process.ok()) {
      processes_[i] = *std::move(process);
      herd_.Started(i, now);
    } else {
      herd_.Ended(i, kNotStarted, now);
      tell(absl::StrCat(AgentName(setup_, i), ": ", MessageOf(process.status())));
    }
  }
}

void AgentSwarm::AskToEnd() {
  herd_.End();
  for (const auto& process : processes_) {
    if (process != nullptr) {
      process->Signal(SIGTERM);
    }
  }
}

std::size_t AgentSwarm::KillRest() {
  std::size_t killed = 0;
  for (std::size_t i = 0; i < processes_.size(); ++i) {
    if (processes_[i] != nullptr) {
      processes_[i]->Kill();
      processes_[i].reset();
      herd_.Ended(i, 128 + SIGKILL, clock_->Monotonic());
      ++killed;
    }
  }
  return killed;
}

std::vector<std::string> AgentSwarm::Names() const {
  std::vector<std::string> names;
  names.reserve(processes_.size());
  for (std::size_t i = 0; i < processes_.size(); ++i) {
    names.push_back(AgentName(setup_, i));
  }
  return names;
}

HerdReport AgentSwarm::Report() const {
  HerdReport report;
  report.agents = processes_.size();
  report.live = herd_.live();
  report.time = clock_->Monotonic() - started_;
  report.counts = herd_.counts();
  for (std::size_t i = 0; i < processes_.size(); ++i) {
    report.enrolled += IsEnrolled(setup_, i) ? 1 : 0;
  }
  return report;
}

std::vector<AgentMemory> AgentSwarm::Memory() const {
  std::vector<AgentMemory> all;
  for (const auto& process : processes_) {
    const auto memory = process == nullptr ? std::nullopt : MemoryOf(process->pid());
    if (memory.has_value()) {
      all.push_back(*memory);
    }
  }
  return all;
}

}  // namespace flotilla::swarm
