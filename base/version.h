#ifndef FLOTILLA_BASE_VERSION_H_
#define FLOTILLA_BASE_VERSION_H_

namespace flotilla {

// Of all programs of this tree; the same as project(VERSION) in CMakeLists.txt.
inline constexpr char kVersion[] = "0.1.0";

}  // namespace flotilla

#endif  // FLOTILLA_BASE_VERSION_H_
