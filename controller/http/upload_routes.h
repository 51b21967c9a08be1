#ifndef FLOTILLA_CONTROLLER_HTTP_UPLOAD_ROUTES_H_
#define FLOTILLA_CONTROLLER_HTTP_UPLOAD_ROUTES_H_

#include <cstdint>

#include "controller/http/router.h"
#include "controller/release/blob_repository.h"

namespace flotilla::http {

// Uploads by digest, with an operator certificate:
//   GET /artifacts/<sha256>    the bytes, for bundles
//   HEAD /artifacts/<sha256>   204, Upload-Offset: bytes that are safe already, Upload-Complete: ?1
//   when all are there PUT  /artifacts/<sha256>   Content-Range: bytes FIRST-LAST/TOTAL with FIRST
//   = Upload-Offset, or the whole body.
//                              201 complete and verified, 202 more is awaited, 409 another offset,
//                              422 wrong digest.
// `blobs` must outlive the router.
void AddUploadRoutes(Router& router, controller::BlobRepository& blobs,
                     std::uint64_t max_artifact_bytes);

}  // namespace flotilla::http

#endif  // FLOTILLA_CONTROLLER_HTTP_UPLOAD_ROUTES_H_
