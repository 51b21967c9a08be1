# cmake -DOUT=page_files.cc -DDIR=web -P embed_pages.cmake: the files of a folder as one C++ source.
set(types_html "text/html; charset=utf-8")
set(types_js "text/javascript; charset=utf-8")
set(types_css "text/css; charset=utf-8")
set(types_svg "image/svg+xml")
file(GLOB files RELATIVE "${DIR}" "${DIR}/*.html" "${DIR}/*.js" "${DIR}/*.css" "${DIR}/*.svg")
list(SORT files)
set(entries "")
set(arrays "")
set(count 0)
foreach(file IN LISTS files)
  string(REGEX REPLACE "^.*\\." "" kind "${file}")
  file(READ "${DIR}/${file}" hex HEX)
  string(LENGTH "${hex}" digits)
  math(EXPR size "${digits} / 2")
  string(REGEX REPLACE "(..)" "'\\\\x\\1'," chars "${hex}")
  string(APPEND arrays "constexpr char kFile${count}[] = {${chars}};\n")
  set(path "/${file}")
  if(file STREQUAL "index.html")
    set(path "/")
  endif()
  string(APPEND entries "    {\"${path}\", \"${types_${kind}}\", {kFile${count}, ${size}}},\n")
  math(EXPR count "${count} + 1")
endforeach()
file(WRITE "${OUT}" "#include \"controller/http/page_files.h\"\n
namespace flotilla::http {\nnamespace {\n
${arrays}
constexpr PageFile kFiles[] = {\n${entries}};\n
}  // namespace\n
std::span<const PageFile> PageFiles() { return kFiles; }\n
}  // namespace flotilla::http\n")
