// The kernels this machine would generate with, for `doctor` to judge: the program sees the
// selftests but not the kernels themselves.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/kernels/kernel_set.h"
#include "engine/selftest/selftest.h"

namespace sotto {

struct FastKernels {
    std::unique_ptr<KernelSet> kernels;
    // The same held to each shape of block that they have.
    std::vector<std::pair<std::int64_t, std::unique_ptr<KernelSet>>> variants;  // by tokens
    std::string deviceId;  // as in listDevices(): "cpu", "cuda:0"

    SelftestOptions selftest() const;
};

// `device` as in EngineOptions; "auto" is the card where one can be used. nThreads 0: as many
// as DeviceInfo tells. Errors: Unsupported (no such device), DeviceFailed.
Result<FastKernels> createFastKernels(const std::string& device, int nThreads);

}  // namespace sotto
