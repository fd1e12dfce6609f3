// The products of prompts on a card against cuBLAS: a witness that shares neither kernels nor
// layouts nor the int8 activations with ours, at sizes that the reference would take long for.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/kernels/kernel_set.h"
#include "engine/selftest/selftest.h"

namespace sotto {

// A set on this card whose products of more than exactRows() rows are cuBLAS's. Errors:
// FileNotFound (no cuBLAS is installed), Unsupported (it cannot be used; no such card),
// DeviceFailed.
Result<std::unique_ptr<KernelSet>> createWitnessKernels(const std::string& deviceId);

// `subject` has products of its own. Each case keeps references to both and calls their reserve();
// one whose product cuBLAS left to our own kernels is skipped: they would be their own witness.
std::vector<SelftestCase> witnessCases(KernelSet& subject, KernelSet& witness);

}  // namespace sotto
