// libFuzzer entry for the GGUF reader: any bytes are refused with an error, or give a file whose
// views all lie inside of them.
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/gguf/gguf_reader.h"
#include "tests/support/gguf_invariants.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    const auto file = sotto::GgufFile::parse(bytes, "fuzz.gguf");
    if (file && !sotto::test::brokenInvariant(*file, bytes).empty()) __builtin_trap();
    if (!file && file.error().message.empty()) __builtin_trap();
    return 0;
}
