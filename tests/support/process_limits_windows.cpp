#include "tests/support/process_limits.h"

namespace sotto::test {

struct FileSizeLimit::State {};

FileSizeLimit::FileSizeLimit(std::uint64_t) {}
FileSizeLimit::~FileSizeLimit() = default;

UnprivilegedScope::UnprivilegedScope() = default;
UnprivilegedScope::~UnprivilegedScope() = default;

}  // namespace sotto::test
