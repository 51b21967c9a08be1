// A model of more than 4 GiB through the real download: map, HTTP ranges, part file, whole hash.
// The bytes are zero but for a header and two marks, so the part stays sparse.
#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "flotilla/v1/failure_reason.pb.h"

#include "base/os_durable_fs.h"
#include "ota/fetch/curl_fetcher.h"
#include "ota/part_index.h"
#include "ota/steps/fetch.h"
#include "ota/steps/verify_artifact.h"
#include "security/sha256.h"
#include "tests/support/fake_executor.h"
#include "tests/support/scripted_http_server.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_gguf.h"

namespace flotilla::ota {
namespace {

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;
constexpr std::uint64_t kMark = 3 * kGiB;
constexpr std::string_view kMarkText = "three gibibytes in";
constexpr std::string_view kTailText = "and the very last bytes";
// Of the file below, as sha256sum says it.
constexpr char kSha256[] = "cb75bc9e97914629dbb898a00e106793e3b98921476abe64b0c51b57e52947f1";

// Four tensors of 1 GiB + 4 MiB.
const Bytes& GgufHeader() {
  static const Bytes header = MakeGgufHeader({.tensors = 4, .weights = (1U << 28U) + (1U << 20U)});
  return header;
}

std::uint64_t FileBytes() {
  return GgufHeader().size() + 4 * (kGiB + (std::uint64_t{4} << 20));
}

// Lays `piece`, which begins at `at` in the file, over what `out` (from `offset` on) has of it.
void Overlay(Bytes& out, std::uint64_t offset, std::uint64_t at, ByteView piece) {
  const std::uint64_t begin = std::max(offset, at);
  const std::uint64_t end = std::min(offset + out.size(), at + piece.size());
  for (std::uint64_t i = begin; i < end; ++i) {
    out[i - offset] = piece[i - at];
  }
}

Bytes FileRange(std::uint64_t offset, std::uint64_t length) {
  Bytes out(length, 0);
  Overlay(out, offset, 0, GgufHeader());
  Overlay(out, offset, kMark, AsBytes(kMarkText));
  Overlay(out, offset, FileBytes() - kTailText.size(), AsBytes(kTailText));
  return out;
}

bool IsZero(ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

// Leaves holes where zeros are written, and reserves nothing: the test's disk need not be 4 GiB.
class SparseFs final : public DurableFs {
 public:
  StatusOr<std::unique_ptr<DurableFile>> Create(const std::filesystem::path& path,
                                                const CreateOptions& options) override {
    CreateOptions sparse = options;
    sparse.reserve_bytes = 0;
    FLOTILLA_ASSIGN_OR_RETURN(auto file, os_.Create(path, sparse));
    return std::unique_ptr<DurableFile>(std::make_unique<File>(std::move(file)));
  }
  Status MakeDir(const std::filesystem::path& path) override { return os_.MakeDir(path); }
  Status Rename(const std::filesystem::path& from, const std::filesystem::path& to) override {
    return os_.Rename(from, to);
  }
  Status Remove(const std::filesystem::path& path) override { return os_.Remove(path); }
  Status SyncDir(const std::filesystem::path& path) override { return os_.SyncDir(path); }

 private:
  class File final : public DurableFile {
   public:
    explicit File(std::unique_ptr<DurableFile> file) : file_(std::move(file)) {}
    Status Write(std::uint64_t offset, ByteView bytes) override {
      return IsZero(bytes) ? OkStatus() : file_->Write(offset, bytes);
    }
    Status Sync() override { return file_->Sync(); }

   private:
    std::unique_ptr<DurableFile> file_;
  };
  OsDurableFs os_;
};

// The server: ranges of the file, with a byte flipped at 3 GiB while `damaged`.
class HugeServer {
 public:
  std::string url() const { return server_.url(); }
  void set_damaged(bool damaged) { damaged_ = damaged; }
  std::uint64_t sent() const { return sent_; }

 private:
  static std::uint64_t NumberAfter(const std::string& text, std::size_t at) {
    std::uint64_t number = 0;
    std::from_chars(text.data() + at, text.data() + text.size(), number);
    return number;
  }
  void Answer(const std::string& head, const HttpPeer& peer) {
    constexpr std::string_view kRange = "Range: bytes=";
    std::uint64_t first = 0;
    std::uint64_t last = FileBytes() - 1;
    const std::size_t at = head.find(kRange);
    std::string status = "200 OK\r\n";
    if (at != std::string::npos) {
      first = NumberAfter(head, at + kRange.size());
      last = NumberAfter(head, head.find('-', at) + 1);
      status = "206 Partial Content\r\nContent-Range: bytes " + std::to_string(first) + "-" +
               std::to_string(last) + "/" + std::to_string(FileBytes()) + "\r\n";
    }
    bool open =
        peer.Send("HTTP/1.1 " + status + "Content-Length: " + std::to_string(last - first + 1) +
                  "\r\nConnection: close\r\n\r\n");
    while (open && first <= last) {
      Bytes piece = FileRange(first, std::min<std::uint64_t>(1U << 20U, last - first + 1));
      if (damaged_) {
        Overlay(piece, first, kMark, AsBytes("T"));
      }
      open = peer.Send(AsText(piece));
      sent_ += piece.size();
      first += piece.size();
    }
  }
  std::atomic<bool> damaged_ = false;
  std::atomic<std::uint64_t> sent_ = 0;
  ScriptedHttpServer server_{ScriptedHttpServer::Script(
      [this](const std::string& head, const HttpPeer& peer) { Answer(head, peer); })};
};

// A map that cuts every 1 MiB, without reading 4 GiB: most leaves are the same zeros.
LeafMap MapOfTheFile() {
  Bytes zeros(kMaxLeafBytes, 0);
  const Digest zero_leaf = security::Sha256(zeros);
  Bytes rows;
  std::uint32_t count = 0;
  const auto put = [](Bytes& out, std::uint64_t value, unsigned size) {
    for (unsigned i = 0; i < size; ++i) {
      out.push_back(static_cast<std::uint8_t>(value >> (8U * i)));
    }
  };
  for (std::uint64_t at = 0; at < FileBytes(); at += kMaxLeafBytes, ++count) {
    const std::uint64_t length = std::min<std::uint64_t>(kMaxLeafBytes, FileBytes() - at);
    const bool marked =
        at == 0 || at == kMark || at + std::uint64_t{2} * kMaxLeafBytes > FileBytes();
    const Digest digest = marked ? security::Sha256(FileRange(at, length)) : zero_leaf;
    put(rows, length, 4);
    rows.insert(rows.end(), digest.bytes().begin(), digest.bytes().end());
  }
  Bytes encoded = ToBytes("FLOTMAP1");
  put(encoded, FileBytes(), 8);
  put(encoded, count, 4);
  put(encoded, 0, 4);
  encoded.insert(encoded.end(), rows.begin(), rows.end());
  return LeafMap::Parse(encoded).value();
}

FetchJob Job() {
  tuf::TargetInfo target;
  target.path = "models/huge.gguf";
  target.length = FileBytes();
  target.sha256 = Digest::FromHex(kSha256).value();
  target.url_path = "models/huge.gguf";
  LeafMap map = MapOfTheFile();
  const Digest map_sha256 = security::Sha256(map.Encode());
  return {target, std::move(map), map_sha256};
}

class HugeTarget : public testing::Test {
 protected:
  void SetUp() override {
    CurlFetcherOptions options;
    options.metadata_url = server_.url();
    options.targets_url = server_.url();
    options.protocols = "http";
    fetcher_ = CurlFetcher::Create(options).value();
    store_ = Store::Open(dir_.path(), fs_).value();
  }
  StatusOr<FetchResult> Fetch() {
    return FetchArtifact(
        job_, {*fetcher_, *store_, fs_, clock_}, [](std::uint64_t) {}, std::stop_token());
  }
  std::filesystem::path part() const { return store_->PartPath(job_.target.sha256); }
  // As a download that was cut leaves it: everything is there but the leaf at 3 GiB and the last.
  void LeaveTwoLeaves() {
    std::ofstream file(part(), std::ios::binary);
    file << AsText(GgufHeader());
    file.close();
    std::filesystem::resize_file(part(), FileBytes());
    const std::size_t leaves = job_.map.leaves().size();
    const auto index =
        PartIndex::Open(store_->IndexPath(job_.target.sha256), job_.map_sha256, leaves, fs_)
            .value();
    ASSERT_TRUE(index->Add(0, kMark / kMaxLeafBytes).ok());
    ASSERT_TRUE(index->Add(kMark / kMaxLeafBytes + 1, leaves - 1).ok());
  }

  TempDir dir_;
  SparseFs fs_;
  FakeExecutor clock_;
  HugeServer server_;
  std::unique_ptr<CurlFetcher> fetcher_;
  std::unique_ptr<Store> store_;
  const FetchJob job_ = Job();
};

TEST_F(HugeTarget, RefusesAByteFlippedAt3GibAtThatLeafAndTakesTheRightOne) {
  LeaveTwoLeaves();
  server_.set_damaged(true);
  const Status refused = Fetch().status();
  EXPECT_EQ(v1::FAILURE_REASON_INSTALL_CHUNK_MISMATCH, ReasonNumber(refused));
  EXPECT_NE(std::string::npos, MessageOf(refused).find("offset 3221225472")) << refused;
  server_.set_damaged(false);
  const auto fetched = Fetch();
  ASSERT_TRUE(fetched.ok()) << fetched.status();
  // Three tries of the wrong leaf, then it and the last one, which ends beyond 4 GiB.
  EXPECT_LE(server_.sent(), std::uint64_t{6} * kMaxLeafBytes);
  EXPECT_FALSE(fetched->sha256.has_value());  // it did not see the whole file
  EXPECT_EQ(OkStatus(), VerifyArtifact(part(), job_.target, fetched->sha256, std::stop_token()));
}

// A signature that covered only the first bytes (an update system's hash took a 32-bit length)
// would not see this.
TEST_F(HugeTarget, IsHashedToItsLastByte) {
  LeaveTwoLeaves();
  ASSERT_TRUE(Fetch().ok());
  std::fstream file(part(), std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(static_cast<std::streamoff>(FileBytes() - 1));
  file.put('!');
  file.close();
  EXPECT_EQ(v1::FAILURE_REASON_INSTALL_ARTIFACT_MISMATCH,
            ReasonNumber(VerifyArtifact(part(), job_.target, {}, std::stop_token())));
}

// All of it over the wire; with deploy/test --full.
TEST_F(HugeTarget, ComesWholeInOnePassOfEachByte) {
  // No other thread changes the environment.
  // NOLINTNEXTLINE(concurrency-mt-unsafe)
  if (std::getenv("FLOTILLA_FULL") == nullptr) {
    GTEST_SKIP() << "4 GiB over loopback: deploy/test --full";
  }
  server_.set_damaged(true);
  EXPECT_EQ(v1::FAILURE_REASON_INSTALL_CHUNK_MISMATCH, ReasonNumber(Fetch().status()));
  server_.set_damaged(false);
  const std::uint64_t before = server_.sent();
  const auto resumed = Fetch();
  ASSERT_TRUE(resumed.ok()) << resumed.status();
  EXPECT_LT(server_.sent() - before, 2 * kGiB);  // the first 3 GiB are not asked for again
  EXPECT_EQ(OkStatus(), VerifyArtifact(part(), job_.target, resumed->sha256, std::stop_token()));
  ASSERT_TRUE(store_->DropPart(job_.target.sha256).ok());
  const auto fetched = Fetch();
  ASSERT_TRUE(fetched.ok()) << fetched.status();
  EXPECT_EQ(job_.target.sha256, fetched->sha256);  // hashed while it came: no second pass
  EXPECT_EQ(FileBytes(), std::filesystem::file_size(part()));
  EXPECT_EQ(OkStatus(), VerifyArtifact(part(), job_.target, fetched->sha256, std::stop_token()));
}

}  // namespace
}  // namespace flotilla::ota
