// hpke_vectors DIR: RFC 9180's vectors.
#include "tests/conformance/hpke/hpke_check.h"
#include "tests/conformance/vectors/vector_program.h"

int main(int argc, char** argv) {
  return flotilla::conformance::VectorProgram(argc, argv, flotilla::conformance::CheckHpkeEntry);
}
