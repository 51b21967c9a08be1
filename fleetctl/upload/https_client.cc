#include "fleetctl/upload/https_client.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <curl/curl.h>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "base/file.h"

namespace flotilla::fleetctl {
namespace {

using CurlPtr = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using HeaderList = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;
using FilePtr = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

constexpr std::size_t kMaxAnswerBytes = 1U << 20U;

struct Answer {
  long status = 0;
  std::string body;
  std::uint64_t offset = 0;  // Upload-Offset
  bool complete = false;     // Upload-Complete
};

struct Transfer {
  const HttpsClient::Progress* progress = nullptr;
  std::uint64_t done_before = 0;
  std::uint64_t total = 0;
};

std::size_t TakeBody(char* data, std::size_t size, std::size_t count, void* context) {
  auto& body = static_cast<Answer*>(context)->body;
  if (body.size() + size * count > kMaxAnswerBytes) {
    return 0;
  }
  body.append(data, size * count);
  return size * count;
}

// Where a download goes; the body of an error goes into `answer`.
struct Sink {
  CURL* curl = nullptr;
  const std::function<Status(ByteView)>* take = nullptr;
  Answer* answer = nullptr;
  Status status;
};

std::size_t GiveToSink(char* data, std::size_t size, std::size_t count, void* context) {
  auto& sink = *static_cast<Sink*>(context);
  long http_status = 0;
  curl_easy_getinfo(sink.curl, CURLINFO_RESPONSE_CODE, &http_status);
  if (http_status >= 300) {
    return TakeBody(data, size, count, sink.answer);
  }
  sink.status = (*sink.take)(AsBytes(std::string_view(data, size * count)));
  return sink.status.ok() ? size * count : 0;
}

std::size_t TakeHeader(char* data, std::size_t size, std::size_t count, void* context) {
  auto& answer = *static_cast<Answer*>(context);
  const std::string line(data, size * count);
  constexpr char kOffset[] = "upload-offset: ";
  std::string lower = line;
  for (char& c : lower) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  if (lower.starts_with(kOffset)) {
    answer.offset = std::strtoull(lower.c_str() + sizeof kOffset - 1, nullptr, 10);
  }
  answer.complete = answer.complete || lower.starts_with("upload-complete: ?1");
  return size * count;
}

std::size_t GiveFile(char* data, std::size_t size, std::size_t count, void* context) {
  return std::fread(data, size, count, static_cast<std::FILE*>(context));
}

int TellProgress(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t sent) {
  const auto& transfer = *static_cast<Transfer*>(context);
  if (*transfer.progress) {
    (*transfer.progress)(transfer.done_before + static_cast<std::uint64_t>(sent), transfer.total);
  }
  return 0;
}

StatusCode CodeOfHttp(long status) {
  switch (status) {
    case 400:
      return StatusCode::kInvalidArgument;
    case 401:
      return StatusCode::kUnauthenticated;
    case 403:
      return StatusCode::kPermissionDenied;
    case 404:
      return StatusCode::kNotFound;
    case 409:
      return StatusCode::kFailedPrecondition;
    case 422:
      return StatusCode::kDataLoss;
    case 507:
      return StatusCode::kResourceExhausted;
    default:
      return status >= 500 ? StatusCode::kUnavailable : StatusCode::kUnknown;
  }
}

Status FromProblem(const Answer& answer) {
  boost::system::error_code error;
  const boost::json::value problem = boost::json::parse(answer.body, error);
  std::string detail = "the controller answered HTTP " + std::to_string(answer.status);
  if (answer.status == 403) {
    detail += ": your role does not allow it; `fleetctl auth status` shows it";
  }
  int reason = 0;
  if (!error && problem.is_object()) {
    const auto& object = problem.as_object();
    if (const auto* text = object.if_contains("detail"); text != nullptr && text->is_string()) {
      detail = std::string(text->as_string());
    }
    if (const auto* number = object.if_contains("reason_number");
        number != nullptr && number->is_int64()) {
      reason = static_cast<int>(number->as_int64());
    }
  }
  const Status status(CodeOfHttp(answer.status), detail);
  return reason == 0 ? status : WithReasonNumber(status, reason);
}

}  // namespace

struct HttpsClient::Impl {
  CurlPtr curl{nullptr, &curl_easy_cleanup};
  std::string base;
  std::string ca;
  std::string certificate;
  std::string key;

  void Prepare(const std::string& path, Answer& answer) {
    curl_easy_reset(curl.get());
    curl_easy_setopt(curl.get(), CURLOPT_URL, (base + path).c_str());
    curl_easy_setopt(curl.get(), CURLOPT_CAINFO, ca.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_SSLCERT, certificate.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_SSLKEY, key.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT, 30L);
    curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_LIMIT, 1024L);
    curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_TIME, 60L);
    curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, &TakeBody);
    curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &answer);
    curl_easy_setopt(curl.get(), CURLOPT_HEADERFUNCTION, &TakeHeader);
    curl_easy_setopt(curl.get(), CURLOPT_HEADERDATA, &answer);
  }

  Status Perform(Answer& answer) const {
    const CURLcode code = curl_easy_perform(curl.get());
    if (code != CURLE_OK) {
      return Unavailable(base + ": " + curl_easy_strerror(code));
    }
    curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &answer.status);
    return answer.status < 300 ? OkStatus() : FromProblem(answer);
  }

  StatusOr<Answer> Where(const std::string& path) {
    Answer answer;
    Prepare(path, answer);
    curl_easy_setopt(curl.get(), CURLOPT_NOBODY, 1L);
    FLOTILLA_RETURN_IF_ERROR(Perform(answer));
    return answer;
  }

  Status Send(const std::string& path, std::FILE* file, std::uint64_t from, Transfer& transfer) {
    Answer answer;
    Prepare(path, answer);
    const std::string range = "Content-Range: bytes " + std::to_string(from) + "-" +
                              std::to_string(transfer.total - 1) + "/" +
                              std::to_string(transfer.total);
    const HeaderList headers(curl_slist_append(nullptr, range.c_str()), &curl_slist_free_all);
    curl_easy_setopt(curl.get(), CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(curl.get(), CURLOPT_INFILESIZE_LARGE,
                     static_cast<curl_off_t>(transfer.total - from));
    curl_easy_setopt(curl.get(), CURLOPT_READFUNCTION, &GiveFile);
    curl_easy_setopt(curl.get(), CURLOPT_READDATA, file);
    curl_easy_setopt(curl.get(), CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl.get(), CURLOPT_XFERINFOFUNCTION, &TellProgress);
    curl_easy_setopt(curl.get(), CURLOPT_XFERINFODATA, &transfer);
    return Perform(answer);
  }
};

HttpsClient::HttpsClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpsClient::~HttpsClient() = default;

StatusOr<std::unique_ptr<HttpsClient>> HttpsClient::Create(const config::v1::Context& context) {
  auto impl = std::make_unique<Impl>();
  impl->curl.reset(curl_easy_init());
  if (impl->curl == nullptr) {
    return Internal("libcurl does not start");
  }
  impl->base = "https://" + context.dashboard_address();
  impl->ca = context.ca();
  impl->certificate = context.certificate();
  impl->key = context.key();
  return std::unique_ptr<HttpsClient>(new HttpsClient(std::move(impl)));
}

Status HttpsClient::Download(const Digest& digest, const std::function<Status(ByteView)>& sink) {
  Answer answer;
  Sink target{impl_->curl.get(), &sink, &answer, OkStatus()};
  impl_->Prepare("/artifacts/" + digest.ToHex(), answer);
  curl_easy_setopt(impl_->curl.get(), CURLOPT_WRITEFUNCTION, &GiveToSink);
  curl_easy_setopt(impl_->curl.get(), CURLOPT_WRITEDATA, &target);
  const Status performed = impl_->Perform(answer);
  return target.status.ok() ? performed : target.status;
}

StatusOr<std::string> HttpsClient::Post(const std::string& path) {
  Answer answer;
  impl_->Prepare(path, answer);
  curl_easy_setopt(impl_->curl.get(), CURLOPT_POST, 1L);
  curl_easy_setopt(impl_->curl.get(), CURLOPT_POSTFIELDSIZE, 0L);
  FLOTILLA_RETURN_IF_ERROR(impl_->Perform(answer));
  return answer.body;
}

Status HttpsClient::Upload(const std::filesystem::path& file, const Digest& digest,
                           const Progress& progress) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::uint64_t size, FileSize(file));
  if (size == 0) {
    return InvalidArgument(file.string() + " is empty");
  }
  const FilePtr stream(std::fopen(file.c_str(), "rb"), &std::fclose);
  if (stream == nullptr) {
    return ErrnoStatus(errno, file.string());
  }
  return Annotate(UploadStream(stream.get(), size, digest, progress),
                  "uploading " + file.filename().string());
}

Status HttpsClient::UploadBytes(ByteView bytes, const Digest& digest, const Progress& progress) {
  if (bytes.empty()) {
    return InvalidArgument("nothing to upload");
  }
  Bytes copy(bytes.begin(), bytes.end());  // fmemopen takes no const
  const FilePtr stream(::fmemopen(copy.data(), copy.size(), "rb"), &std::fclose);
  if (stream == nullptr) {
    return ErrnoStatus(errno, "uploading " + digest.ToHex());
  }
  return Annotate(UploadStream(stream.get(), copy.size(), digest, progress),
                  "uploading " + digest.ToHex());
}

Status HttpsClient::UploadStream(std::FILE* stream, std::uint64_t size, const Digest& digest,
                                 const Progress& progress) {
  const std::string path = "/artifacts/" + digest.ToHex();
  FLOTILLA_ASSIGN_OR_RETURN(const Answer there, impl_->Where(path));
  if (there.complete) {
    if (progress) {
      progress(size, size);
    }
    return OkStatus();
  }
  const std::uint64_t from = there.offset < size ? there.offset : 0;
  if (::fseeko(stream, static_cast<off_t>(from), SEEK_SET) != 0) {
    return ErrnoStatus(errno, "seeking");
  }
  Transfer transfer{&progress, from, size};
  return impl_->Send(path, stream, from, transfer);
}

}  // namespace flotilla::fleetctl
