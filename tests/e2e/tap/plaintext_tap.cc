// What a tapped agent hands to TLS and to its disk, written down before it is encrypted or removed.
// An executable's own SSL_write takes the place of libssl's for gRPC and libcurl alike, and works
// under sanitizers, where a preloaded library does not. Only linked into programs of tests.
//
// The file that FLOTILLA_PLAINTEXT_TAP names grows by records: kind (1 byte), number of the
// connection (4 bytes, little-endian, 0 where there is none), length (4 bytes), content.
//   'W' written to a TLS connection, 'R' read from it
//   'F' written to a file: its path, a zero byte, the bytes
//   'E' a message of the engine, as it came over the control channel
// Without that variable nothing is written down.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

namespace {

class Tap {
 public:
  static Tap& Get() {
    static Tap* const tap = new Tap();  // never destroyed: threads write until the very end
    return *tap;
  }

  void Record(char kind, std::uint32_t connection, std::string_view first,
              std::string_view second = {}) {
    if (fd_ < 0 || first.size() + second.size() == 0) {
      return;
    }
    std::array<char, 9> head{};
    head[0] = kind;
    const auto length = static_cast<std::uint32_t>(first.size() + second.size());
    std::memcpy(&head[1], &connection, 4);
    std::memcpy(&head[5], &length, 4);
    std::array<iovec, 3> parts = {{{head.data(), head.size()},
                                   {const_cast<char*>(first.data()), first.size()},
                                   {const_cast<char*>(second.data()), second.size()}}};
    const std::lock_guard lock(mutex_);
    if (::syscall(SYS_writev, fd_, parts.data(), parts.size()) !=
        static_cast<long>(head.size() + length)) {
      std::abort();  // a tap with a gap proves nothing
    }
  }

  std::uint32_t NumberOf(const SSL* connection) {
    const std::lock_guard lock(mutex_);
    std::uint32_t& number = numbers_[connection];
    if (number == 0) {
      number = ++last_;
    }
    return number;
  }
  void Forget(const SSL* connection) {
    const std::lock_guard lock(mutex_);
    numbers_.erase(connection);
  }

  void RecordFile(int fd, const void* bytes, std::size_t size) {
    if (fd_ < 0 || fd == fd_) {
      return;
    }
    std::array<char, PATH_MAX> path{};
    const std::string link = "/proc/self/fd/" + std::to_string(fd);
    const long length = ::syscall(SYS_readlink, link.c_str(), path.data(), path.size() - 1);
    const std::string_view name(path.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
    if (name.starts_with('/') && !name.starts_with("/proc/") && !name.starts_with("/dev/")) {
      Record('F', 0, std::string_view(path.data(), name.size() + 1),
             {static_cast<const char*>(bytes), size});
    }
  }

 private:
  Tap() {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets it
    const char* const path = std::getenv("FLOTILLA_PLAINTEXT_TAP");
    if (path != nullptr) {
      fd_ = ::open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    }
  }

  int fd_ = -1;
  std::mutex mutex_;
  std::map<const SSL*, std::uint32_t> numbers_;
  std::uint32_t last_ = 0;
};

template <typename Function>
Function* Next(const char* name) {
  void* const found = ::dlsym(RTLD_NEXT, name);
  if (found == nullptr) {
    std::abort();
  }
  return reinterpret_cast<Function*>(found);
}

void RecordTls(char kind, const SSL* connection, const void* bytes, std::size_t size) {
  Tap::Get().Record(kind, Tap::Get().NumberOf(connection), {static_cast<const char*>(bytes), size});
}

bool IsControlChannel(int fd) {
  int type = 0;
  socklen_t length = sizeof(type);
  return ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_SEQPACKET;
}

}  // namespace

extern "C" {

int SSL_write(SSL* connection, const void* bytes, int size) {
  static auto* const next = Next<int(SSL*, const void*, int)>("SSL_write");
  const int written = next(connection, bytes, size);
  if (written > 0) {
    RecordTls('W', connection, bytes, static_cast<std::size_t>(written));
  }
  return written;
}

int SSL_write_ex(SSL* connection, const void* bytes, std::size_t size, std::size_t* written) {
  static auto* const next = Next<int(SSL*, const void*, std::size_t, std::size_t*)>("SSL_write_ex");
  const int result = next(connection, bytes, size, written);
  if (result > 0) {
    RecordTls('W', connection, bytes, *written);
  }
  return result;
}

int SSL_read(SSL* connection, void* bytes, int size) {
  static auto* const next = Next<int(SSL*, void*, int)>("SSL_read");
  const int got = next(connection, bytes, size);
  if (got > 0) {
    RecordTls('R', connection, bytes, static_cast<std::size_t>(got));
  }
  return got;
}

int SSL_read_ex(SSL* connection, void* bytes, std::size_t size, std::size_t* got) {
  static auto* const next = Next<int(SSL*, void*, std::size_t, std::size_t*)>("SSL_read_ex");
  const int result = next(connection, bytes, size, got);
  if (result > 0) {
    RecordTls('R', connection, bytes, *got);
  }
  return result;
}

void SSL_free(SSL* connection) {
  static auto* const next = Next<void(SSL*)>("SSL_free");
  // Before the address can be another connection's.
  Tap::Get().Forget(connection);
  next(connection);
}

ssize_t write(int fd, const void* bytes, std::size_t size) {
  const ssize_t written = ::syscall(SYS_write, fd, bytes, size);
  if (written > 0) {
    Tap::Get().RecordFile(fd, bytes, static_cast<std::size_t>(written));
  }
  return written;
}

ssize_t pwrite(int fd, const void* bytes, std::size_t size, off_t offset) {
  const ssize_t written = ::syscall(SYS_pwrite64, fd, bytes, size, offset);
  if (written > 0) {
    Tap::Get().RecordFile(fd, bytes, static_cast<std::size_t>(written));
  }
  return written;
}

ssize_t pwrite64(int fd, const void* bytes, std::size_t size, off64_t offset) {
  return pwrite(fd, bytes, size, offset);
}

ssize_t recvmsg(int fd, msghdr* message, int flags) {
  const ssize_t got = ::syscall(SYS_recvmsg, fd, message, flags);
  if (got > 0 && message->msg_iovlen == 1 && IsControlChannel(fd)) {
    Tap::Get().Record(
        'E', 0,
        {static_cast<const char*>(message->msg_iov->iov_base), static_cast<std::size_t>(got)});
  }
  return got;
}

}  // extern "C"
