// An engine over a tiny random model, with its events and the invariant checker on every turn: what
// the engine's tests share. SOTTO_TEST_CUDA: on the emulated card.
#pragma once

#include <QTemporaryDir>
#include <QtTest>
#include <memory>
#include <string>

#include "engine/schedule/engine_impl.h"
#include "tests/engine/api/event_log.h"
#include "tests/support/tiny_gguf.h"

namespace sotto::test {

#ifdef SOTTO_TEST_CUDA
inline constexpr auto kDevice = "cuda";
// Emulated threads are slow: one layer in fused kernels, and a context that just holds the long
// prompt's answer.
inline constexpr DType kTypes = DType::Q8_0;
inline constexpr std::uint32_t kLayers = 1;
inline constexpr std::uint32_t kContext = 96;
#else
inline constexpr auto kDevice = "cpu";
inline constexpr DType kTypes = DType::F32;
inline constexpr std::uint32_t kLayers = 2;
inline constexpr std::uint32_t kContext = 128;
#endif

inline GenerationRequest greedy(std::string text, std::int64_t maxTokens) {
    GenerationRequest request;
    request.prompt = TextPrompt{std::move(text)};
    request.sampling.temperature = 0;
    request.maxTokens = maxTokens;
    request.isIgnoringEnd = true;
    return request;
}

class EngineFixture {
public:
    // Models of the folder, made before the first engine.
    TinyModel tinyModel() const {
        TinyModel tiny = withTypes({}, kTypes);
        tiny.nLayers = kLayers;
        return tiny;
    }
    bool write(const TinyModel& model, const char* name) const {
        return writeTinyModel(model, m_folder.filePath(name).toStdString()).has_value();
    }
    std::string filePath(const char* name) const { return m_folder.filePath(name).toStdString(); }

    // A log for each test.
    void begin() {
        log = std::make_unique<EventLog>();
        m_broken.clear();
    }
    // Empty, or which invariant did not hold; after the engines are gone.
    const std::string& broken() const { return m_broken; }

    std::unique_ptr<Engine> makeEngine() {
        EngineOptions options = engineOptions;
        options.nThreads = 2;
        options.isMeasuringBandwidth = false;
        options.device = kDevice;
        auto engine = EngineImpl::create(
            options, log->sink(),
            [this](const EngineState& state) {
                if (const auto broken = findBrokenInvariant(state)) m_broken = *broken;
                if (onTurn) onTurn(state);
            },
            rowCost);
        return engine ? std::move(*engine) : nullptr;
    }
    LoadOptions options(const char* name = "tiny.gguf") const {
        LoadOptions load;
        load.path = filePath(name);
        load.contextTokens = kContext;
        load.prefillChunk = 16;
        return load;
    }
    std::unique_ptr<Engine> loadedEngine(const char* name = "tiny.gguf") {
        auto engine = makeEngine();
        engine->load(options(name));
        log->waitFor([](const EngineEvent& event) {
            return std::holds_alternative<ModelLoaded>(event) ||
                   std::holds_alternative<LoadFailed>(event);
        });
        for (const LoadFailed& failed : log->all<LoadFailed>())
            qWarning("%s", failed.error.message.c_str());
        return log->all<ModelLoaded>().empty() ? nullptr : std::move(engine);
    }
    int ends(RequestId id) const {
        int count = 0;
        for (const EngineEvent& event : log->events()) count += EventLog::isEndOf(event, id);
        return count;
    }

    std::unique_ptr<EventLog> log;
    EngineOptions engineOptions;
    TurnHook onTurn;                 // on the engine's thread
    std::optional<RowCost> rowCost;  // instead of what steps take

private:
    QTemporaryDir m_folder;
    std::string m_broken;  // written on the engine thread, read after it was joined
};

}  // namespace sotto::test
