#ifndef FLOTILLA_SECURITY_TLS_TLS_STREAM_H_
#define FLOTILLA_SECURITY_TLS_TLS_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/status.h"
#include "base/unique_fd.h"

struct ssl_st;  // SSL

namespace flotilla::security {

// TLS over a non-blocking socket, with an output buffer. One thread. The process ignores SIGPIPE:
// OpenSSL writes to a socket whose peer is gone.
class TlsStream {
 public:
  // Takes `ssl`, whose role is set.
  TlsStream(UniqueFd fd, ssl_st* ssl);
  // Says nothing to the peer, and shuts the socket down for every owner of the connection.
  ~TlsStream();
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  int fd() const { return fd_.get(); }
  ssl_st* ssl() const { return ssl_.get(); }

  // Goes on with the handshake, then with what waits to be written. UNAVAILABLE: the connection is
  // over.
  Status Drive();
  // Past the handshake.
  bool ready() const { return ready_; }
  // Bytes into `buffer`, not empty; 0: none now. UNAVAILABLE: the peer is gone.
  StatusOr<std::size_t> Read(std::span<std::uint8_t> buffer);
  // Read may have more although the socket has nothing.
  bool has_read_ahead() const;
  // What waits to be written: append, then Drive.
  std::string& output() { return output_; }
  // Drive is to be called when the socket takes bytes; else when it has some.
  bool wants_write() const { return wants_write_; }

  // PEM; empty: the peer showed none.
  std::string PeerCertificatePem() const;

 private:
  struct Free {
    void operator()(ssl_st* ssl) const;
  };
  Status Failed(int result, const char* step);

  UniqueFd fd_;
  std::unique_ptr<ssl_st, Free> ssl_;
  std::string output_;
  bool ready_ = false;
  bool wants_write_ = false;
};

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_TLS_TLS_STREAM_H_
