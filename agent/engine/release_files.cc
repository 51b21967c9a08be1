#include "agent/engine/release_files.h"

#include <fcntl.h>

#include <cerrno>
#include <utility>

#include "flotilla/v1/failure_reason.pb.h"

#include "base/bytes.h"
#include "base/digest.h"
#include "ota/format/release_document.h"

namespace flotilla::agent {

std::vector<int> OpenRelease::descriptors() const {
  std::vector<int> numbers;
  for (const UniqueFd& file : files) {
    numbers.push_back(file.get());
  }
  return numbers;
}

StatusOr<UniqueFd> OpenBlob(const ota::Store& store, const std::string& sha256,
                            ota::BlobKind kind) {
  FLOTILLA_ASSIGN_OR_RETURN(const Digest digest, Digest::FromBytes(AsBytes(sha256)));
  const std::string path = store.PathOf(digest, kind).string();
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) {
    return WithReason(ErrnoStatus(errno, path), v1::FAILURE_REASON_STORAGE_IO);
  }
  return file;
}

StatusOr<OpenRelease> OpenForEngine(const v1::InstalledRelease& release, const ota::Store& store) {
  OpenRelease opened;
  v1::EngineLoad& load = *opened.load.mutable_load();
  load.set_line(release.ref().line());
  load.set_model_id(release.ref().line() + "@" + release.ref().version());
  load.set_model_sha256(release.model_sha256());
  load.set_context_tokens(release.context_tokens());
  FLOTILLA_ASSIGN_OR_RETURN(UniqueFd model,
                            OpenBlob(store, release.model_sha256(), ota::BlobKind::kModel));
  opened.files.push_back(std::move(model));
  UniqueFd chat_template;
  for (const v1::InstalledFile& file : release.files()) {
    if (file.kind() == ota::kChatTemplateKind) {
      FLOTILLA_ASSIGN_OR_RETURN(chat_template,
                                OpenBlob(store, file.sha256(), ota::BlobKind::kChatTemplate));
      load.set_chat_template_sha256(file.sha256());
      continue;
    }
    FLOTILLA_ASSIGN_OR_RETURN(UniqueFd adapter,
                              OpenBlob(store, file.sha256(), ota::BlobKind::kAdapter));
    opened.files.push_back(std::move(adapter));
    v1::EngineAdapter& named = *load.add_adapters();
    named.set_name(file.name());
    named.set_sha256(file.sha256());
    named.set_scale_milli(file.scale_milli());
  }
  if (chat_template.valid()) {
    opened.files.push_back(std::move(chat_template));
  }
  return opened;
}

OpenRelease FixedAnswer(const v1::InstalledRelease& release) {
  OpenRelease opened;
  v1::EngineLoad& load = *opened.load.mutable_load();
  load.set_line(release.ref().line());
  load.set_model_id(release.ref().line() + "@fallback-answer");
  load.set_static_answer(release.fallback_answer());
  return opened;
}

std::uint64_t WeightBytes(const v1::InstalledRelease& release) {
  std::uint64_t bytes = release.model_bytes();
  for (const v1::InstalledFile& file : release.files()) {
    bytes += file.kind() == ota::kAdapterKind ? file.bytes() : 0;
  }
  return bytes;
}

}  // namespace flotilla::agent
