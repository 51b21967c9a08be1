#ifndef FLOTILLA_CONTROLLER_HTTP_PAGE_FILES_H_
#define FLOTILLA_CONTROLLER_HTTP_PAGE_FILES_H_

#include <span>
#include <string_view>

namespace flotilla::http {

struct PageFile {
  std::string_view path;  // "/app.js"
  std::string_view content_type;
  std::string_view content;
};

// Made by the build from controller/http/web/ (embed_pages.cmake).
std::span<const PageFile> PageFiles();

}  // namespace flotilla::http

#endif  // FLOTILLA_CONTROLLER_HTTP_PAGE_FILES_H_
