#ifndef FLOTILLA_ENGINE_WORKER_SIBLING_PUMP_H_
#define FLOTILLA_ENGINE_WORKER_SIBLING_PUMP_H_

#include <memory>
#include <string>

#include "engine/worker/connection.h"
#include "engine/worker/http_text.h"

namespace flotilla::engine {

// Forwards one request to the engine of another line, by its Unix socket, and its answer back byte
// by byte as it comes. The connection closes after it. A sibling that cannot be reached or ends
// before the first byte is a 503; a client that goes away ends the sibling's work. io_context's
// thread only.
void ForwardToSibling(const std::shared_ptr<Connection>& connection, const HttpRequest& request,
                      const std::string& socket_path);

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_WORKER_SIBLING_PUMP_H_
