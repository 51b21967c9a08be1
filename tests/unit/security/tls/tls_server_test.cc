#include "security/tls/tls_server.h"

#include <sys/socket.h>

#include <array>
#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include <openssl/err.h>
#include <openssl/pem.h>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "security/x509/ec_key.h"
#include "tests/unit/security/tls/tls_client.h"

namespace flotilla::security {
namespace {

class TlsServerTest : public testing::Test {
 protected:
  enum class Outcome { kUnspecified = 0, kBoth, kServerRefused, kStuck };

  // See tls_stream.h.
  static void SetUpTestSuite() { (void)signal(SIGPIPE, SIG_IGN); }

  TlsServerOptions Options() const {
    const TlsIdentityPem server = ServerIdentity(authority_);
    return {server.chain, server.key, authority_.cert_pem()};
  }

  void Connect(const TlsClientOptions& options) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    stream_ = server_->Accept(UniqueFd(ends[0])).value();
    client_ = std::make_unique<TlsClient>(UniqueFd(ends[1]), options);
  }

  Outcome Shake() {
    bool client_done = false;
    for (int turn = 0; turn < 20; ++turn) {
      client_done = client_->Drive() == 1;
      refusal_ = stream_->Drive();
      if (!refusal_.ok()) {
        return Outcome::kServerRefused;
      }
      if (client_done && stream_->ready()) {
        return Outcome::kBoth;
      }
    }
    return Outcome::kStuck;
  }

  Outcome Meet(const TlsClientOptions& options) {
    Connect(options);
    return Shake();
  }

  TlsClientOptions AsDevice() const {
    TlsClientOptions options;
    options.identity = device_;
    return options;
  }

  // All that waits for the server.
  std::string ServerReads() {
    std::array<std::uint8_t, 1000> buffer{};
    std::string all;
    while (true) {
      const auto got = stream_->Read(buffer);
      if (!got.ok() || *got == 0) {
        return all;
      }
      all += AsText({buffer.data(), *got});
    }
  }

  StatusCode CodeOf(const TlsServerOptions& options) {
    const StatusCode code = TlsServer::Create(options).status().code();
    EXPECT_EQ(ERR_peek_error(), 0U) << "an error is left for the next who looks";
    return code;
  }

  const CertificateAuthority authority_ = NewAuthority();
  const TlsIdentityPem device_ = DeviceIdentity(authority_, "gate-1");
  std::unique_ptr<TlsServer> server_ = TlsServer::Create(Options()).value();
  std::unique_ptr<TlsStream> stream_;
  std::unique_ptr<TlsClient> client_;
  Status refusal_;
};

TEST_F(TlsServerTest, TalksWithAClientOfItsAuthority) {
  ASSERT_EQ(Meet(AsDevice()), Outcome::kBoth);
  EXPECT_EQ(SSL_version(client_->ssl()), TLS1_3_VERSION);
  EXPECT_EQ(stream_->PeerCertificatePem(),
            device_.chain.substr(0, stream_->PeerCertificatePem().size()));
  EXPECT_FALSE(stream_->PeerCertificatePem().empty());
  client_->Write("hello");
  EXPECT_EQ(ServerReads(), "hello");
  stream_->output() += "and you";
  ASSERT_TRUE(stream_->Drive().ok());
  EXPECT_TRUE(stream_->output().empty());
  EXPECT_EQ(client_->Read(), "and you");
}

TEST_F(TlsServerTest, SpeaksTls12WithForwardSecrecy) {
  TlsClientOptions options = AsDevice();
  options.most_version = TLS1_2_VERSION;
  ASSERT_EQ(Meet(options), Outcome::kBoth);
  EXPECT_EQ(std::string(SSL_get_cipher_name(client_->ssl())).substr(0, 12), "ECDHE-ECDSA-");
  EXPECT_FALSE(stream_->PeerCertificatePem().empty());
}

TEST_F(TlsServerTest, RefusesTls11) {
  TlsClientOptions options = AsDevice();
  options.most_version = TLS1_1_VERSION;
  EXPECT_EQ(Meet(options), Outcome::kServerRefused);
}

TEST_F(TlsServerTest, RefusesAClientWithoutACertificate) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClientOptions options;
    options.most_version = version;
    EXPECT_EQ(Meet(options), Outcome::kServerRefused);
    EXPECT_EQ(refusal_.code(), StatusCode::kUnavailable);
    EXPECT_FALSE(stream_->ready());
  }
}

TEST_F(TlsServerTest, RefusesACertificateOfAnotherAuthority) {
  TlsClientOptions options;
  options.identity = DeviceIdentity(NewAuthority(), "gate-1");
  EXPECT_EQ(Meet(options), Outcome::kServerRefused);
}

TEST_F(TlsServerTest, RefusesACertificateThatIsNoClients) {
  TlsClientOptions options;
  options.identity = ServerIdentity(authority_);
  EXPECT_EQ(Meet(options), Outcome::kServerRefused);
}

TEST_F(TlsServerTest, RefusesAClientThatSpeaksAnotherProtocol) {
  TlsClientOptions options = AsDevice();
  options.alpn = "\10http/1.1";
  EXPECT_EQ(Meet(options), Outcome::kServerRefused);
  options.alpn = "\10http/1.1\2h2";
  EXPECT_EQ(Meet(options), Outcome::kBoth);
}

// RFC 9113, 3.2: HTTP/2 over TLS is agreed on by ALPN.
TEST_F(TlsServerTest, RefusesAClientThatNamesNoProtocol) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClientOptions options = AsDevice();
    options.alpn = "";
    options.most_version = version;
    EXPECT_EQ(Meet(options), Outcome::kServerRefused);
  }
}

TEST_F(TlsServerTest, RefusesWhatIsNotTls) {
  Connect(AsDevice());
  const std::string text = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  ASSERT_EQ(::send(client_->fd(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  EXPECT_EQ(stream_->Drive().code(), StatusCode::kUnavailable);
}

TEST_F(TlsServerTest, ResumesByTicketAndKnowsTheCertificate) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClientOptions options = AsDevice();
    options.most_version = version;
    ASSERT_EQ(Meet(options), Outcome::kBoth);
    const std::string first = stream_->PeerCertificatePem();
    client_->Read();  // the ticket
    const SslSessionPtr session = client_->TakeSession();
    ASSERT_NE(session, nullptr);
    TlsClientOptions again;  // without a certificate
    again.most_version = version;
    again.resume = session.get();
    ASSERT_EQ(Meet(again), Outcome::kBoth) << version << " " << refusal_;
    EXPECT_EQ(SSL_session_reused(client_->ssl()), 1);
    EXPECT_EQ(stream_->PeerCertificatePem(), first);
  }
}

TEST_F(TlsServerTest, DoesNotResumeSessionsOfAnother) {
  ASSERT_EQ(Meet(AsDevice()), Outcome::kBoth);
  client_->Read();
  const SslSessionPtr session = client_->TakeSession();
  ASSERT_NE(session, nullptr);
  server_ = TlsServer::Create(Options()).value();
  TlsClientOptions again = AsDevice();
  again.resume = session.get();
  ASSERT_EQ(Meet(again), Outcome::kBoth);
  EXPECT_EQ(SSL_session_reused(client_->ssl()), 0);
  again.identity = {};
  EXPECT_EQ(Meet(again), Outcome::kServerRefused);
}

TEST_F(TlsServerTest, NoticesAPeerThatLeavesDuringTheHandshake) {
  Connect(AsDevice());
  EXPECT_EQ(client_->Drive(), 0);
  EXPECT_TRUE(stream_->Drive().ok());
  EXPECT_FALSE(stream_->ready());
  client_->Close();
  EXPECT_EQ(stream_->Drive().code(), StatusCode::kUnavailable);
}

TEST_F(TlsServerTest, NoticesAPeerThatLeaves) {
  std::array<std::uint8_t, 10> buffer{};
  ASSERT_EQ(Meet(AsDevice()), Outcome::kBoth);
  EXPECT_EQ(stream_->Read(buffer).value(), 0U);
  client_->Write("bye");
  client_->Close();
  EXPECT_EQ(ServerReads(), "bye");
  EXPECT_EQ(stream_->Read(buffer).status().code(), StatusCode::kUnavailable);
  stream_->output() += "anyone?";
  EXPECT_EQ(stream_->Drive().code(), StatusCode::kUnavailable);
}

TEST_F(TlsServerTest, KeepsWhatTheSocketDoesNotTake) {
  ASSERT_EQ(Meet(AsDevice()), Outcome::kBoth);
  EXPECT_FALSE(stream_->wants_write());
  std::string sent;
  while (stream_->output().empty()) {
    const std::string more(50'000, static_cast<char>('a' + sent.size() % 26));
    sent += more;
    stream_->output() += more;
    ASSERT_TRUE(stream_->Drive().ok());
  }
  EXPECT_TRUE(stream_->wants_write());
  sent += "the end";
  stream_->output() += "the end";  // its buffer may move
  std::string got = client_->Read();
  while (!stream_->output().empty()) {
    ASSERT_TRUE(stream_->Drive().ok());
    got += client_->Read();
  }
  EXPECT_FALSE(stream_->wants_write());
  EXPECT_EQ(got, sent);
}

TEST_F(TlsServerTest, ReadsARecordInPieces) {
  ASSERT_EQ(Meet(AsDevice()), Outcome::kBoth);
  client_->Write("0123456789");
  std::array<std::uint8_t, 4> buffer{};
  EXPECT_EQ(stream_->Read(buffer).value(), 4U);
  EXPECT_TRUE(stream_->has_read_ahead());
  EXPECT_EQ(ServerReads(), "456789");
  EXPECT_FALSE(stream_->has_read_ahead());
}

TEST_F(TlsServerTest, CannotBeMadeOfWhatIsNoCertificate) {
  for (const std::string bad :
       {"", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
    TlsServerOptions options = Options();
    options.certificate_chain_pem = bad;
    EXPECT_EQ(CodeOf(options), StatusCode::kInvalidArgument) << bad;
    options = Options();
    options.client_ca_pem = bad;
    EXPECT_EQ(CodeOf(options), StatusCode::kInvalidArgument) << bad;
    options = Options();
    options.private_key_pem = bad;
    EXPECT_EQ(CodeOf(options), StatusCode::kInvalidArgument) << bad;
  }
}

TEST_F(TlsServerTest, CannotBeMadeOfAKeyOfAnother) {
  TlsServerOptions options = Options();
  options.private_key_pem = EcKey::Generate()->ToPem().value();
  EXPECT_EQ(CodeOf(options), StatusCode::kInvalidArgument);
}

// It would be served without a part of its chain, or to clients of some authorities only.
TEST_F(TlsServerTest, CannotBeMadeOfATextThatIsCutShort) {
  TlsServerOptions options = Options();
  options.certificate_chain_pem.resize(options.certificate_chain_pem.size() - 40);
  EXPECT_EQ(CodeOf(options), StatusCode::kInvalidArgument);
  options = Options();
  const std::string second = NewAuthority().cert_pem();
  options.client_ca_pem += second;
  EXPECT_EQ(CodeOf(options), StatusCode::kOk);
  options.client_ca_pem.resize(options.client_ca_pem.size() - 40);
  EXPECT_EQ(CodeOf(options), StatusCode::kInvalidArgument);
}

TEST_F(TlsServerTest, AsksNobodyForThePassphraseOfAKey) {
  TlsServerOptions options = Options();
  const BioPtr plain(BIO_new_mem_buf(options.private_key_pem.data(),
                                     static_cast<int>(options.private_key_pem.size())));
  const EvpPkeyPtr key(PEM_read_bio_PrivateKey(plain.get(), nullptr, nullptr, nullptr));
  const BioPtr text(BIO_new(BIO_s_mem()));
  const std::string secret = "secret";
  ASSERT_EQ(PEM_write_bio_PKCS8PrivateKey(text.get(), key.get(), EVP_aes_256_cbc(), secret.data(),
                                          static_cast<int>(secret.size()), nullptr, nullptr),
            1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(text.get(), &data);
  options.private_key_pem.assign(data, static_cast<std::size_t>(size));
  EXPECT_EQ(CodeOf(options), StatusCode::kInvalidArgument);
}

TEST_F(TlsServerTest, TakesTheCertificatesOfSeveralAuthorities) {
  const CertificateAuthority second = NewAuthority();
  TlsServerOptions options = Options();
  options.client_ca_pem += second.cert_pem();
  server_ = TlsServer::Create(options).value();
  TlsClientOptions client;
  client.identity = DeviceIdentity(second, "gate-2");
  EXPECT_EQ(Meet(client), Outcome::kBoth);
  EXPECT_EQ(Meet(AsDevice()), Outcome::kBoth);
}

}  // namespace
}  // namespace flotilla::security
