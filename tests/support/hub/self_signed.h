// A certificate for 127.0.0.1 that its own key signed, made anew each time: nothing in the
// repository can expire.
#pragma once

#include <string>

namespace sotto::test {

struct SelfSigned {
    std::string certificate;  // PEM
    std::string key;          // PEM
};

SelfSigned makeSelfSigned();

}  // namespace sotto::test
