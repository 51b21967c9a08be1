#include "base/asio_executor.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "absl/time/time.h"

namespace flotilla {

namespace asio = boost::asio;

struct AsioExecutor::Impl {
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  std::mutex mutex;
  std::uint64_t next_timer = 1;
  // Declared after the context, so that timers go before it.
  std::unordered_map<std::uint64_t, std::unique_ptr<asio::steady_timer>> timers;

  // True when the timer was still there: it fires or is cancelled, never both.
  bool Forget(std::uint64_t timer) {
    const std::lock_guard lock(mutex);
    return timers.erase(timer) > 0;
  }
};

AsioExecutor::AsioExecutor() : impl_(std::make_unique<Impl>()) {}
AsioExecutor::~AsioExecutor() = default;

void AsioExecutor::Post(Task task) {
  asio::post(impl_->context, std::move(task));
}

TimerId AsioExecutor::PostAfter(Duration delay, Task task) {
  auto timer =
      std::make_unique<asio::steady_timer>(impl_->context, absl::ToChronoNanoseconds(delay));
  asio::steady_timer& armed = *timer;
  const std::lock_guard lock(impl_->mutex);
  const std::uint64_t id = impl_->next_timer++;
  impl_->timers.emplace(id, std::move(timer));
  armed.async_wait([this, id, run = std::move(task)](const boost::system::error_code&) {
    if (impl_->Forget(id)) {
      run();
    }
  });
  return TimerId(id);
}

void AsioExecutor::Cancel(TimerId timer) {
  impl_->Forget(timer.value());
}

void AsioExecutor::Run() {
  impl_->context.run();
}

void AsioExecutor::Stop() {
  impl_->context.stop();
}

}  // namespace flotilla
