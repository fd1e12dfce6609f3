// How a kernel is started under the emulator: launch() of engine/kernels/cuda/common/launch.h ends
// here where nvcc's <<<>>> would be.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <source_location>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "cuda_runtime_api.h"

namespace simt {

struct LaunchShape {
    dim3 grid;
    dim3 block;
    std::size_t sharedBytes = 0;  // dynamic shared memory
    cudaStream_t stream = nullptr;
    bool isProgrammatic = false;  // programmatic dependent launch
    std::source_location where = std::source_location::current();
};

// Puts the launch on its stream, or into the graph that the stream records. `thread` runs the
// kernel's body once per CUDA thread. Errors of the configuration come back and stay as the last
// error, as cudaLaunchKernelEx gives them.
// `arguments`: their bytes in words of a pointer's size, for the check of pointers.
cudaError_t launch(const void* kernel, const LaunchShape& shape, std::function<void()> thread,
                   std::span<const std::uintptr_t> arguments);

// Pointers in arguments lie at multiples of their size. Padding, which may hold what was there
// before, is cleared where the compiler can.
template <class Argument>
void appendWords(std::vector<std::uintptr_t>& words, Argument argument) {
#if __has_builtin(__builtin_clear_padding)
    __builtin_clear_padding(&argument);
#endif
    const auto* const bytes = reinterpret_cast<const std::byte*>(&argument);
    for (std::size_t at = 0; at + sizeof(std::uintptr_t) <= sizeof(Argument);
         at += sizeof(std::uintptr_t)) {
        std::uintptr_t word = 0;
        std::memcpy(&word, bytes + at, sizeof(word));
        words.push_back(word);
    }
}

template <class... Parameters, class... Arguments>
cudaError_t launchKernel(void (*kernel)(Parameters...), const LaunchShape& shape,
                         Arguments&&... arguments) {
    static_assert(sizeof...(Parameters) == sizeof...(Arguments));
    static_assert((std::is_trivially_copyable_v<std::decay_t<Parameters>> && ...),
                  "kernel arguments are copied as bytes");
    std::tuple<std::decay_t<Parameters>...> values(
        static_cast<Parameters>(std::forward<Arguments>(arguments))...);
    std::vector<std::uintptr_t> words;
    std::apply([&words](const auto&... value) { (appendWords(words, value), ...); }, values);
    return launch(
        reinterpret_cast<const void*>(kernel), shape,
        [kernel, values] { std::apply(kernel, values); }, words);
}

}  // namespace simt
