// Who multiplies the matrices of prompts on a card: our own kernels or cuBLAS, and where is kept
// which of them was the faster.
//
// Plain values and a port: the engine measures, whoever starts it says where that is remembered.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace sotto {

enum class ProductPath : std::uint8_t {
    Measured,  // per shape the faster one; without the library our own
    Own,
    Library,  // cuBLAS wherever it can
};

// What was measured, by card, driver, library and shape: text of one line without tabs. One caller
// at a time, the engine thread.
class ProductMemory {
public:
    virtual ~ProductMemory() = default;

    virtual std::optional<bool> isLibraryFaster(const std::string& key) = 0;
    // Failures are its own affair: then it is measured again.
    virtual void keep(const std::string& key, bool isLibraryFaster) = 0;
};

}  // namespace sotto
