// Ids of answers: "chatcmpl-", 8 digits that name the line, 24 random ones, all hexadecimal. So any
// engine of a device knows which line made an answer, and nobody can guess an id.
#ifndef FLOTILLA_ENGINE_WORKER_ANSWER_ID_H_
#define FLOTILLA_ENGINE_WORKER_ANSWER_ID_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "base/random.h"

#include "engine/worker/api_request.h"

namespace flotilla::engine {

// No id is longer.
inline constexpr std::size_t kMaxAnswerIdBytes = 64;

std::string MakeAnswerId(ApiKind kind, std::string_view line, Random& random);

// The first 8 hexadecimal digits of the SHA-256 of a line's name.
std::string LineTag(std::string_view line);
// The tag in an id; empty when it is not one of ours.
std::string_view TagOf(std::string_view id);

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_WORKER_ANSWER_ID_H_
