// embed, rmsNorm and glu: operations on single rows.
#include <cmath>
#include <numbers>
#include <string>

#include "engine/kernels/reference/reference_kernels.h"
#include "engine/selftest/case_data.h"

namespace sotto::selftest {
namespace {

using Floats = std::vector<float>;

// Dequantization is exact; with a scale one product is rounded.
SelftestResult runEmbed(KernelSet& subject, DType type, std::int64_t nCols, float scale) {
    Random random(7 + static_cast<std::uint64_t>(nCols));
    const Matrix table = randomMatrix(random, type, 35, nCols);
    const std::int32_t ids[] = {0, 34, 16, 15, 0, 33};
    const auto reserved = subject.reserve({6, nCols, 1, 1});
    if (!reserved) return couldNotRun(reserved.error());
    const auto weight = subject.prepareWeight(table.view());
    if (!weight) return couldNotRun(weight.error());
    Floats out(std::size(ids) * at(nCols));
    DeviceCopies copies(subject);
    float* deviceOut = copies.put(out);
    if (!copies.status()) return couldNotRun(copies.status().error());
    subject.embed({.table = weight->get(), .tokenIds = ids, .scale = scale, .out = deviceOut});
    copies.take(deviceOut, out);
    if (!copies.status()) return couldNotRun(copies.status().error());
    ErrorMeter meter;
    for (std::int64_t index = 0; index < static_cast<std::int64_t>(out.size()); ++index) {
        const std::int64_t row = ids[index / nCols];
        const double expected =
            static_cast<double>(table.values[at(row * nCols + index % nCols)]) * scale;
        const double bound = scale == 1.0f ? 0.0 : kFloatRounding * std::fabs(expected);
        meter.add("out", index, expected, out[at(index)], bound);
    }
    return meter.result();
}

// A sum of width squares in 16 lanes (width / 16 + 8 roundings, halved by the root), and four more
// operations.
SelftestResult runRmsNorm(KernelSet& subject, std::int64_t nTokens, std::int64_t width,
                          bool isInPlace) {
    Random random(11 + static_cast<std::uint64_t>(width));
    const Floats x = gaussians(random, nTokens * width);
    const Floats weight = gaussians(random, width);
    Floats expected(x.size());
    Floats out(x.size());
    createReferenceKernels()->rmsNorm(
        {x.data(), weight.data(), expected.data(), nTokens, width, 1e-5f});
    DeviceCopies copies(subject);
    float* deviceX = copies.put(x);
    float* deviceOut = isInPlace ? deviceX : copies.put(out);
    const float* deviceWeight = copies.put(weight);
    if (!copies.status()) return couldNotRun(copies.status().error());
    subject.rmsNorm({.x = deviceX,
                     .weight = deviceWeight,
                     .out = deviceOut,
                     .nTokens = nTokens,
                     .width = width,
                     .epsilon = 1e-5f});
    copies.take(deviceOut, out);
    if (!copies.status()) return couldNotRun(copies.status().error());
    ErrorMeter meter;
    const double nRoundings = static_cast<double>(width) / 32 + 8;
    for (std::int64_t index = 0; index < nTokens * width; ++index)
        meter.add("out", index, expected[at(index)], out[at(index)],
                  nRoundings * kFloatRounding * std::fabs(expected[at(index)]));
    return meter.result();
}

// exp is within two units for its float argument; rounding the argument a (gelu: 2u) adds |a| of
// them. Past e^88 the logistic function is cut off, at less than 1e-36 times the input. For gelu
// the reference itself cancels: 1 + tanh u has an absolute error of a double's unit.
SelftestResult runGlu(KernelSet& subject, GluKind kind, std::int64_t nTokens, std::int64_t width) {
    Random random(13 + static_cast<std::uint64_t>(width));
    Floats gate = gaussians(random, nTokens * width);
    const Floats up = gaussians(random, nTokens * width);
    const float edges[] = {0.0f, -0.0f, 1e-30f, -87.5f, 87.5f, -90.0f, 100.0f, -1e4f, 1e4f};
    for (std::size_t index = 0; index < std::size(edges) && index < gate.size(); ++index)
        gate[index] = edges[index];
    Floats expected(gate.size());
    createReferenceKernels()->glu({.kind = kind,
                                   .gate = gate.data(),
                                   .up = up.data(),
                                   .out = expected.data(),
                                   .nTokens = nTokens,
                                   .width = width});
    Floats actual = gate;
    DeviceCopies copies(subject);
    float* deviceGate = copies.put(gate);
    const float* deviceUp = copies.put(up);
    if (!copies.status()) return couldNotRun(copies.status().error());
    subject.glu({.kind = kind,
                 .gate = deviceGate,
                 .up = deviceUp,
                 .out = deviceGate,
                 .nTokens = nTokens,
                 .width = width});
    copies.take(deviceGate, actual);
    if (!copies.status()) return couldNotRun(copies.status().error());
    ErrorMeter meter;
    for (std::int64_t index = 0; index < nTokens * width; ++index) {
        const double x = gate[at(index)];
        const double cubic = 2 * std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x);
        const double argument = std::min(100.0, std::fabs(kind == GluKind::Silu ? x : cubic));
        const double relative = (12 + 4 * argument) * kFloatRounding;
        meter.add("out", index, expected[at(index)], actual[at(index)],
                  relative * std::fabs(expected[at(index)]) +
                      (kind == GluKind::Silu ? 1e-35 : 3e-16) * std::fabs(x * up[at(index)]));
    }
    return meter.result();
}

}  // namespace

void addRowCases(KernelSet& subject, std::vector<SelftestCase>& cases) {
    for (const DType type : kernelDTypes())
        for (const float scale : {1.0f, 11.3f})
            cases.push_back(
                {"embed " + std::string(dtypeTraits(type).name) + (scale == 1.0f ? "" : " scaled"),
                 [&subject, type, scale] {
                     return runEmbed(subject, type, scale == 1.0f ? 256 : 768, scale);
                 }});
    for (const std::int64_t width : {1, 15, 16, 17, 64, 2048, 4099})
        for (const bool isInPlace : {false, true})
            cases.push_back(
                {"rmsNorm width " + std::to_string(width) + (isInPlace ? " in place" : ""),
                 [&subject, width, isInPlace] {
                     return runRmsNorm(subject, 11, width, isInPlace);
                 }});
    for (const GluKind kind : {GluKind::Silu, GluKind::GeluTanh})
        for (const std::int64_t width : {1, 16, 31, 8193})
            cases.push_back({std::string("glu ") + (kind == GluKind::Silu ? "silu" : "gelu") +
                                 " width " + std::to_string(width),
                             [&subject, kind, width] { return runGlu(subject, kind, 5, width); }});
}

}  // namespace sotto::selftest
