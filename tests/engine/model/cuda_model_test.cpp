// The CUDA engine on the emulator, as a whole: decode against prefill, rows against rows, recorded
// steps against plain ones, the plan against what is allocated, two devices, a card that fails.
#include <QtTest>
#include <cmath>
#include <set>
#include <tuple>

#include "engine/kernels/cpu/cpu_kernels.h"
#include "engine/kernels/cuda/cuda_kernels.h"
#include "engine/schedule/loaded_model.h"
#include "engine/schedule/sequence_runner.h"
#include "engine/selftest/selftest.h"
#include "tests/engine/model/card_runs.h"
#include "tests/engine/model/shared_memory_table.h"
#include "tests/support/simt/control.h"
#include "tests/support/simt/hopper.h"

using namespace sotto;

namespace {

// With all layers.
auto loadOnCard(const std::filesystem::path& path, std::int64_t contextTokens,
                const char* device = "cuda") {
    LoadRequest request;
    request.engine.device = device;
    request.model.path = path;
    request.model.contextTokens = contextTokens;
    request.model.gpuLayers = kGpuLayersAll;
    return loadModel(request, {});
}

}  // namespace

class CudaModelTest : public QObject {
    Q_OBJECT

private slots:
    void init() {
        simt::reset();
        // The sanitizer maps so much of the address space that a number beside padding looks like a
        // pointer.
#ifndef SOTTO_ADDRESS_SANITIZED
        simt::checkArgumentPointers();
#endif
    }
    void cleanupTestCase() { simt::reset(); }

    void decode_isWithinTheBoundOfPrefill_data() { addModels(); }
    void decode_isWithinTheBoundOfPrefill();
    void rows_areBitIdenticalInStepsOfOneToEight_data() { addModels(); }
    void rows_areBitIdenticalInStepsOfOneToEight();
    void recordedSteps_equalPlainOnes_data();
    void recordedSteps_equalPlainOnes();
    void recordingThatCannotBeMade_runsPlainly_data();
    void recordingThatCannotBeMade_runsPlainly();
    void recordingThatIsMisused_isReported_data() { recordingThatCannotBeMade_runsPlainly_data(); }
    void recordingThatIsMisused_isReported();
    void launchBehindAStep_doesNotOverlapIt();
    void waitingForAStep_takesNoCore();
    void waitingForAStep_isAwakeOnlyWithoutAnother();
    void tokensComputedAgain_areWithinTheBound_data() { addModels(); }
    void tokensComputedAgain_areWithinTheBound();
    void twoCards_takeTurnsOnOneThread();
    void everySelftestCase_passes();
    void plan_isWhatIsAllocated_data();
    void plan_isWhatIsAllocated();
    void twoDevices_giveTheLogitsOfOne_data();
    void twoDevices_giveTheLogitsOfOne();
    void failureOfTheCard_isReportedAndStays();
    void card_worksAgainAfterAFailure();
    void card_worksAgainAfterAFailureInLoading();
    void failureOfOneModel_leavesTheOtherItsContext();
};

// The bound of golden_logits_test: how far the reference engine's own int8 path lies from the exact
// logits. An F16 cache adds less than a tenth of it here (2^-11 per key against 2^-8 per
// activation).
void CudaModelTest::decode_isWithinTheBoundOfPrefill() {
    QFETCH(QString, folder);
    QFETCH(QString, variant);
    if (!std::filesystem::exists(golden(folder.toStdString(), variant.toStdString() + ".gguf")))
        QSKIP("this variant lies in the shared folder, which is not there (SOTTO_SHARED)");
    const Run run = runGolden(folder, variant, 1, smallUploads());
    const auto& exact = run.values["dequantised"];
    const auto expected =
        readLogits(golden(folder.toStdString(), exact["file"].get<std::string>()), 320);
    QCOMPARE(run.logits.size(), expected.size());
    const double bound = 1.5 * exact["rms_vs_direct"].get<double>() + 1e-3;
    const double rms = rootMeanSquareDifference(run.logits, expected);
    QVERIFY2(rms <= bound, qPrintable(QString("RMS %1, bound %2").arg(rms).arg(bound)));
}

void CudaModelTest::rows_areBitIdenticalInStepsOfOneToEight() {
    QFETCH(QString, folder);
    QFETCH(QString, variant);
    if (!std::filesystem::exists(golden(folder.toStdString(), variant.toStdString() + ".gguf")))
        QSKIP("this variant lies in the shared folder, which is not there (SOTTO_SHARED)");
    const Run one = runGolden(folder, variant, 1, smallUploads());
    QVERIFY(!one.logits.empty());
    for (const std::size_t rowsPerStep : {std::size_t{2}, std::size_t{3}, std::size_t{8}}) {
        simt::setThreadOrderSeed(rowsPerStep);
        const Run several = runGolden(folder, variant, rowsPerStep, smallUploads());
        QVERIFY2(areSameBits(one.logits, several.logits),
                 qPrintable(QString("steps of %1").arg(rowsPerStep)));
    }
}

void CudaModelTest::recordedSteps_equalPlainOnes_data() {
    QTest::addColumn<QString>("folder");
    QTest::addColumn<QString>("variant");
    QTest::addRow("llama") << "llama"
                           << "q4_k_m";
    QTest::addRow("qwen3") << "qwen3"
                           << "q8_0";
    QTest::addRow("qwen3moe") << "qwen3moe"
                              << "q8_0";
}

// Work that runs as late as the API allows shows what is read or rewritten too early.
void CudaModelTest::recordedSteps_equalPlainOnes() {
    QFETCH(QString, folder);
    QFETCH(QString, variant);
    CudaKernelOptions plain = smallUploads();
    plain.isRecordingSteps = false;
    const Run expected = runGolden(folder, variant, 1, plain);
    simt::reset();
    // Kernels that begin before the one in front has ended, too.
    simt::useHopper();
    simt::setStreamTiming(simt::StreamTiming::Late);
    const Run recorded = runGolden(folder, variant, 1, smallUploads());
    QVERIFY(simt::callCount("cudaGraphLaunch") > 0);
    QVERIFY(areSameBits(expected.logits, recorded.logits));
    QCOMPARE(simt::leaks(), std::string());
}

void CudaModelTest::recordingThatCannotBeMade_runsPlainly_data() {
    QTest::addColumn<QString>("function");
    for (const char* function : {"cudaStreamEndCapture", "cudaGraphInstantiate", "cudaGraphLaunch"})
        QTest::newRow(function) << function;
}

// On a full card; and the same shape of step is not tried again.
void CudaModelTest::recordingThatCannotBeMade_runsPlainly() {
    QFETCH(QString, function);
    CudaKernelOptions plain = smallUploads();
    plain.isRecordingSteps = false;
    const Run expected = runGolden("qwen3", "q8_0", 1, plain);
    simt::reset();
    simt::setStreamTiming(simt::StreamTiming::Late);
    simt::injectFailure(function.toStdString(), 1, cudaErrorMemoryAllocation);
    const Run refused = runGolden("qwen3", "q8_0", 1, smallUploads());
    QVERIFY(areSameBits(expected.logits, refused.logits));
    // All tokens are within the first bucket of positions: one shape.
    QCOMPARE(simt::callCount("cudaStreamBeginCapture"), 1);
    QCOMPARE(simt::leaks(), std::string());
}

// Not hidden by plain launches: what is not for want of memory is a fault of ours.
void CudaModelTest::recordingThatIsMisused_isReported() {
    QFETCH(QString, function);
    const auto model = loadOnCard(golden("qwen3", "q8_0.gguf"), 64);
    QVERIFY(model);
    SequenceRunner runner(**model);
    const auto step = [&] {
        return runner.run(std::vector<std::int32_t>{3}, 0, [](auto, auto) {}, {});
    };
    QVERIFY(step());  // plain
    simt::injectFailure(function.toStdString(), 1, cudaErrorInvalidValue);
    const Status misused = step();
    QVERIFY(!misused);
    QCOMPARE(misused.error().code, ErrorCode::Internal);
    const int nBefore = simt::callCount("cudaGraphLaunch");
    QVERIFY(step());
    QVERIFY(simt::callCount("cudaGraphLaunch") > nBefore);
}

// What follows a step on the stream follows its events and copies.
void CudaModelTest::launchBehindAStep_doesNotOverlapIt() {
    simt::useHopper();
    std::string reports;
    simt::setReportHandler([&](const std::string& report) { reports += report; });
    {
        const auto kernels = createCudaKernels(smallUploads());
        QVERIFY(kernels);
        constexpr std::int64_t kWidth = 64;
        QVERIFY((*kernels)->reserve({.maxTokens = 1, .maxCols = kWidth, .maxContext = 32}));
        auto rows = (*kernels)->allocate(3 * kWidth * sizeof(float));
        QVERIFY(rows);
        const std::vector<float> ones(3 * kWidth, 1.0f);
        QVERIFY((*kernels)->upload(rows->data(), ones.data(), ones.size() * sizeof(float)));
        auto* x = rows->as<float>();
        const RmsNormArgs norm{
            .x = x, .weight = x + kWidth, .out = x + 2 * kWidth, .nTokens = 1, .width = kWidth};
        const std::int32_t token = 0;
        const auto submit = [&]() -> Status {
            (*kernels)->rmsNorm(norm);
            return {};
        };
        QVERIFY((*kernels)->queueStep({.tokenIds = {&token, 1}}, submit));
        QVERIFY((*kernels)->awaitStep());
        (*kernels)->rmsNorm(norm);
        const Status done = (*kernels)->finish();
        QVERIFY2(done, reports.c_str());
    }
    QCOMPARE(reports, std::string());
}

void CudaModelTest::waitingForAStep_takesNoCore() {
    const Run run = runGolden("qwen3", "q8_0", 1, smallUploads());
    QVERIFY(!run.logits.empty());
    QVERIFY(simt::callCount("cudaEventSynchronize") > 0);
    QCOMPARE(simt::spinningWaits(), std::uint64_t{0});
}

// The last step is awaited awake for a moment: nothing else keeps the card at work.
void CudaModelTest::waitingForAStep_isAwakeOnlyWithoutAnother() {
    simt::setStreamTiming(simt::StreamTiming::Late);
    const auto kernels = createCudaKernels(smallUploads());
    QVERIFY(kernels);
    QVERIFY((*kernels)->reserve({.maxTokens = 1, .maxCols = 64, .maxContext = 32}));
    const std::int32_t token = 0;
    const auto submit = []() -> Status { return {}; };
    for (int step = 0; step < 2; ++step)
        QVERIFY((*kernels)->queueStep({.tokenIds = {&token, 1}}, submit));
    QVERIFY((*kernels)->awaitStep());
    QCOMPARE(simt::callCount("cudaEventQuery"), 0);
    QVERIFY((*kernels)->awaitStep());
    QVERIFY(simt::callCount("cudaEventQuery") > 0);
    QCOMPARE(simt::spinningWaits(), std::uint64_t{0});
}

// What an answer loses that is paused and computed again: its tokens, written one by one, are read
// by the kernels for prompts. The logits behind them may differ by twice the bound of
// decode_isWithinTheBoundOfPrefill, since both ways lie within it of the exact ones.
void CudaModelTest::tokensComputedAgain_areWithinTheBound() {
    QFETCH(QString, folder);
    QFETCH(QString, variant);
    if (!std::filesystem::exists(golden(folder.toStdString(), variant.toStdString() + ".gguf")))
        QSKIP("this variant lies in the shared folder, which is not there (SOTTO_SHARED)");
    constexpr std::size_t kComputedAgain = 40;
    const Run once = runGolden(folder, variant, 1, smallUploads());
    const Run again = runGolden(folder, variant, 1, smallUploads(), kComputedAgain);
    QVERIFY(once.logits.size() > kComputedAgain);
    QCOMPARE(again.logits.size(), once.logits.size());
    const auto behindThem = [](const Rows& logits) {
        return Rows(logits.begin() + static_cast<std::ptrdiff_t>(kComputedAgain), logits.end());
    };
    const auto& exact = once.values["dequantised"];
    const Rows exactRows =
        behindThem(readLogits(golden(folder.toStdString(), exact["file"].get<std::string>()), 320));
    const Rows onceRows = behindThem(once.logits);
    const Rows againRows = behindThem(again.logits);
    const double bound = 1.5 * exact["rms_vs_direct"].get<double>() + 1e-3;
    QVERIFY(rootMeanSquareDifference(onceRows, exactRows) <= bound);
    QVERIFY(rootMeanSquareDifference(againRows, exactRows) <= bound);
    const double rms = rootMeanSquareDifference(againRows, onceRows);
    qInfo("RMS %g, bound %g", rms, 2 * bound);
    QVERIFY2(rms <= 2 * bound, qPrintable(QString("RMS %1, bound %2").arg(rms).arg(2 * bound)));
}

// What one set does makes its card the thread's.
void CudaModelTest::twoCards_takeTurnsOnOneThread() {
    simt::setDevices({simt::DeviceSettings{}, simt::DeviceSettings{}});
    const auto load = [](const char* device) {
        auto model = loadOnCard(golden("qwen3", "q8_0.gguf"), 64, device);
        return model ? std::move(*model) : nullptr;
    };
    const auto first = load("cuda:0"), second = load("cuda:1");
    QVERIFY(first && second);
    SequenceRunner onFirst(*first), onSecond(*second);
    Rows logits[2];
    for (std::int32_t token = 3; token < 6; ++token)
        for (SequenceRunner* runner : {&onFirst, &onSecond}) {
            const LogitsSink keep = [&](std::int64_t, std::span<const float> row) {
                logits[runner == &onFirst ? 0 : 1].emplace_back(row.begin(), row.end());
            };
            const Status done = runner->run(std::vector{token}, 0, keep, {});
            QVERIFY2(done, done ? "" : done.error().message.c_str());
        }
    QVERIFY(areSameBits(logits[0], logits[1]));
}

// And every packed type runs in blocks of every size, with experts and without.
void CudaModelTest::everySelftestCase_passes() {
    using Tiles = std::tuple<std::string_view, std::int32_t, bool>;
    std::set<Tiles> launched, all;
    CudaKernelOptions options = smallUploads();
    const auto kernels = createCudaKernels(options);
    QVERIFY(kernels);
    std::vector<std::unique_ptr<KernelSet>> held;
    SelftestOptions selftest;
    QCOMPARE(tileTokens().size(), std::size_t{3});
    for (const std::int32_t tokens : tileTokens()) {
#ifdef SOTTO_ADDRESS_SANITIZED
        // Half a minute each there, where linear_tiles_test and expert_tiles_test run all of them.
        if (tokens != tileTokens().back()) continue;
#endif
        options.onlyTileTokens = tokens;
        options.onTiles = [&](DType type, std::int32_t tileTokens, bool isOfExperts) {
            launched.emplace(dtypeTraits(type).name, tileTokens, isOfExperts);
        };
        held.push_back(createCudaKernels(options).value());
        selftest.variants.push_back({held.back().get(), tokens});
        for (const DType type : kernelDTypes())
            for (const bool isOfExperts : {false, true})
                if (type != DType::F32) all.emplace(dtypeTraits(type).name, tokens, isOfExperts);
    }
    std::size_t nCases = 0;
    for (const SelftestCase& test : selftestCases(**kernels, selftest)) {
        const SelftestResult result = test.run();
        QVERIFY2(result.ok, (test.name + ": " + result.detail).c_str());
        ++nCases;
    }
    QVERIFY(nCases > (selftest.variants.size() == 3 ? 190 : 100));
    QVERIFY(launched == all);
    const std::vector<simt::SharedMemoryUse> uses = simt::sharedMemoryUse();
    qInfo().noquote() << QString::fromStdString(sharedMemoryTable(uses));
    for (const simt::SharedMemoryUse& use : uses)
        QVERIFY2(
            use.dynamicBytes + use.staticBytes <= (use.hasOptIn ? kSharedAtMost : kSharedUnasked),
            use.launcher.c_str());
}

void CudaModelTest::plan_isWhatIsAllocated_data() {
    QTest::addColumn<QString>("folder");
    QTest::addColumn<QString>("file");
    QTest::newRow("dense") << "llama"
                           << "q4_k_m.gguf";
    QTest::newRow("mixture") << "qwen3moe"
                             << "q8_0.gguf";
}

void CudaModelTest::plan_isWhatIsAllocated() {
    QFETCH(QString, folder);
    QFETCH(QString, file);
    const auto model = loadOnCard(golden(folder.toStdString(), file.toStdString()), 128);
    QVERIFY2(model, model ? "" : model.error().message.c_str());
    QCOMPARE((*model)->info.nGpuLayers, (*model)->info.nLayers);
    SequenceRunner runner(**model);
    QVERIFY(runner.run(std::vector<std::int32_t>{1, 2, 3}, 0, [](auto, auto) {}, {}));
    QCOMPARE(std::uint64_t{simt::allocatedBytes()}, (*model)->info.memory.total());
}

void CudaModelTest::twoDevices_giveTheLogitsOfOne_data() {
    QTest::addColumn<QString>("name");
    QTest::newRow("dense") << "llama";
    QTest::newRow("mixture") << "qwen3moe";
}

void CudaModelTest::twoDevices_giveTheLogitsOfOne() {
    QFETCH(QString, name);
    const std::string folder = name.toStdString();
    const auto manifest = readJson(golden(folder, "manifest.json"))["variants"]["q8_0"];
    const auto tokens = manifest["tokens"].get<std::vector<std::int32_t>>();
    const auto expected =
        readLogits(golden(folder, manifest["dequantised"]["file"].get<std::string>()), 320);
    LoadRequest request;
    request.engine.device = "cuda";
    request.maxOutputs = static_cast<std::int64_t>(tokens.size());
    request.model.path = golden(folder, manifest["file"].get<std::string>());
    request.model.contextTokens = 128;
    request.model.gpuLayers = 1;
    const auto model = loadModel(request, {});
    QVERIFY2(model, model ? "" : model.error().message.c_str());
    QCOMPARE((*model)->parts.size(), std::size_t{2});
    QCOMPARE((*model)->info.nGpuLayers, 1);
    QVERIFY(!(*model)->info.deviceNote.empty());
    Rows logits;
    SequenceRunner runner(**model);
    const LogitsSink keep = [&](std::int64_t, std::span<const float> row) {
        logits.emplace_back(row.begin(), row.end());
    };
    QVERIFY(runner.run(tokens, 0, keep, {}));
    const double bound = 1.5 * manifest["dequantised"]["rms_vs_direct"].get<double>() + 1e-3;
    QVERIFY(rootMeanSquareDifference(logits, expected) <= bound);
}

void CudaModelTest::failureOfTheCard_isReportedAndStays() {
    const auto model = loadOnCard(golden("llama", "q4_k_m.gguf"), 64);
    QVERIFY(model);
    SequenceRunner runner(**model);
    const LogitsSink ignore = [](std::int64_t, std::span<const float>) {};
    QVERIFY(runner.run(std::vector<std::int32_t>{1, 2}, 0, ignore, {}));
    simt::injectFailure("cudaStreamSynchronize", 1, cudaErrorIllegalAddress, true);
    for (int attempt = 0; attempt < 2; ++attempt) {
        const Status failed = runner.run(std::vector<std::int32_t>{3}, 0, ignore, {});
        QVERIFY(!failed);
        QCOMPARE(failed.error().code, ErrorCode::DeviceFailed);
    }
    QCOMPARE(runner.nTokens(), 2);  // nothing of the failed step was kept
}

// With the set that failed gone, the next one finds a device that works.
void CudaModelTest::card_worksAgainAfterAFailure() {
    {
        const auto kernels = createCudaKernels(smallUploads());
        QVERIFY(kernels);
        simt::injectFailure("cudaStreamSynchronize", 1, cudaErrorIllegalAddress, true);
        QVERIFY(!(*kernels)->finish());
    }
    const auto kernels = createCudaKernels(smallUploads());
    QVERIFY2(kernels, kernels ? "" : kernels.error().message.c_str());
    QVERIFY((*kernels)->finish());
}

// Nobody waits for a step then.
void CudaModelTest::card_worksAgainAfterAFailureInLoading() {
    simt::injectFailure("cudaMemcpyAsync", 3, cudaErrorIllegalAddress, true);
    const auto failed = loadOnCard(golden("llama", "q4_k_m.gguf"), 64);
    QVERIFY(!failed);
    QCOMPARE(failed.error().code, ErrorCode::DeviceFailed);
    const auto model = loadOnCard(golden("llama", "q4_k_m.gguf"), 64);
    QVERIFY2(model, model ? "" : model.error().message.c_str());
}

// A reset would take the memory that the other one still holds and releases.
void CudaModelTest::failureOfOneModel_leavesTheOtherItsContext() {
    const auto load = [] { return loadOnCard(golden("llama", "q4_k_m.gguf"), 64); };
    const auto run = [](LoadedModel& model) {
        SequenceRunner runner(model);
        return runner.run(std::vector<std::int32_t>{1, 2}, 0, [](auto, auto) {}, {});
    };
    auto first = load(), second = load();
    QVERIFY(first && second);
    QVERIFY(run(**first));
    QVERIFY(run(**second));
    simt::injectFailure("cudaStreamSynchronize", 1, cudaErrorIllegalAddress, true);
    QVERIFY(!run(**first));
    first->reset();
    QCOMPARE(simt::callCount("cudaDeviceReset"), 0);
    // It ends with a sentence, and a load meanwhile is refused with one.
    const Status failed = run(**second);
    QVERIFY(!failed);
    QCOMPARE(failed.error().code, ErrorCode::DeviceFailed);
    const auto third = load();
    QVERIFY(!third);
    QVERIFY2(third.error().message.find("Unload that one, then load again.") != std::string::npos,
             third.error().message.c_str());
    QCOMPARE(simt::callCount("cudaDeviceReset"), 0);
    second->reset();
    QCOMPARE(simt::callCount("cudaDeviceReset"), 1);
    const auto again = load();
    QVERIFY2(again, again ? "" : again.error().message.c_str());
    QVERIFY(run(**again));
}

QTEST_APPLESS_MAIN(CudaModelTest)
#include "cuda_model_test.moc"
