// The body of `<name>_vectors DIR`.
#ifndef FLOTILLA_TESTS_CONFORMANCE_VECTORS_VECTOR_PROGRAM_H_
#define FLOTILLA_TESTS_CONFORMANCE_VECTORS_VECTOR_PROGRAM_H_

#include <exception>
#include <iostream>

#include "tests/conformance/vectors/vector_folder.h"

namespace flotilla::conformance {

// Exit code as of RunVectorFolder; 2 also when the folder is not named.
inline int VectorProgram(int argc, char** argv, const VectorCheck& check) {
  try {
    if (argc != 2) {
      std::cerr << "usage: " << argv[0] << " DIR\n";
      return 2;
    }
    return RunVectorFolder(argv[1], check, std::cout);
  } catch (const std::exception& error) {
    std::cerr << argv[0] << ": " << error.what() << "\n";
    return 1;
  }
}

}  // namespace flotilla::conformance

#endif  // FLOTILLA_TESTS_CONFORMANCE_VECTORS_VECTOR_PROGRAM_H_
