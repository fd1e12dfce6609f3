// The kernels this machine would generate with, for `doctor` to judge: the program sees the
// selftests but not the kernels themselves.
#pragma once

#include <memory>
#include <string>

#include "engine/kernels/kernel_set.h"

namespace sotto {

struct FastKernels {
    std::unique_ptr<KernelSet> kernels;
    std::string deviceId;  // as in listDevices(): "cpu", "cuda:0"
};

// `device` as in EngineOptions; "auto" is the card where one can be used. nThreads 0: as many
// as DeviceInfo tells. Errors: Unsupported (no such device), DeviceFailed.
Result<FastKernels> createFastKernels(const std::string& device, int nThreads);

}  // namespace sotto
