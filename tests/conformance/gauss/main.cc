// discrete_gauss_vectors DIR: samples of the discrete Gaussian.
#include "tests/conformance/gauss/gauss_check.h"
#include "tests/conformance/vectors/vector_program.h"

int main(int argc, char** argv) {
  return flotilla::conformance::VectorProgram(argc, argv, flotilla::conformance::CheckGaussEntry);
}
