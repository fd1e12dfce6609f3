#include <fmt/format.h>

#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/progress_bar.h"
#include "app/core/chosen_devices.h"
#include "app/core/paths.h"
#include "app/core/rate_store.h"
#include "engine/api/forecast.h"
#include "engine/api/inspect.h"
#include "engine/api/synthetic_model.h"

namespace sotto::cli {

namespace {

// Errors: Unsupported (there is no such device).
Result<app::ChosenDevices> findDevices(const EngineOptions& engine) {
    const std::vector<DeviceInfo> devices = listDevices();
    if (!chosenDevice(engine.device, devices))
        return fail(ErrorCode::Unsupported,
                    fmt::format("there is no usable device '{}' here; sotto-cli doctor lists them",
                                engine.device));
    return app::chooseDevices(engine.device, devices);
}

Result<PlannedModel> planOf(const CommonOptions& common, const ForecastOptions& options,
                            const PlanSpace& space) {
    if (options.synthetic.empty()) return planModel(common.load(), space);
    SOTTO_ASSIGN(SyntheticModel model,
                 planSyntheticModel(options.synthetic, common.seed.value_or(1)));
    SOTTO_ASSIGN(const std::vector<std::byte> header, model.writer.headerBytes());
    return planHeader(header, options.synthetic, common.load(), space);
}

// Of one device: what is remembered, with what this model lacks and the bandwidth of now.
Result<MachineRates> ratesOf(const DeviceInfo& device, const EngineOptions& engine,
                             std::span<const DType> types, bool isMeasuringAnew) {
    const app::RateKey key{device.id, device.name + " " + device.instructionSet, engine.nThreads,
                           SOTTO_VERSION};
    const auto paths = app::findPaths(app::processEnvironment());
    const app::RateStore store(paths ? paths->cache / "sotto-rates.json" : std::filesystem::path());
    MachineRates known = isMeasuringAnew || !paths ? MachineRates{} : store.load(key);
    EngineOptions on = engine;
    on.device = device.id;
    ProgressBar bar("measuring this machine", "");
    auto rates = measureRates(on, types, std::move(known), progressSink(bar));
    bar.finish();
    // Not being able to remember costs the next call its seconds, no more.
    if (rates && rates->readGbS > 0 && paths) static_cast<void>(store.save(key, *rates));
    return rates;
}

Json toJson(const MachineRates& rates) {
    Json types = Json::array();
    for (const TypeRate& rate : rates.types)
        types.push_back({{"type", dtypeTraits(rate.type).name},
                         {"gb_s", rate.decodeGbS},
                         {"tflops", rate.prefillTflops}});
    return {{"device", rates.deviceId},
            {"read_gb_s", rates.readGbS},
            {"cache_gb_s", rates.cacheGbS},
            {"types", std::move(types)}};
}

struct Answer {
    PlannedModel plan;
    SpeedForecast speed;
    ForecastPoint point;
    MachineRates processor;
    std::optional<MachineRates> card;
};

Json toJson(const Answer& answer) {
    const ModelInfo& info = answer.plan.info;
    Json assumed = Json::array();
    for (const DType type : answer.speed.assumed) assumed.push_back(dtypeTraits(type).name);
    Json devices = Json::array();
    if (info.bytesPerToken > info.cardBytesPerToken) devices.push_back(toJson(answer.processor));
    if (answer.card) devices.push_back(toJson(*answer.card));
    Json json{{"model", info.name},
              {"architecture", info.architecture},
              {"quantization", info.quantization},
              {"file_bytes", info.fileBytes},
              {"context_tokens", info.contextTokens},
              {"is_context_shortened", answer.plan.isShortened},
              {"memory", memoryJson(info.memory)},
              {"card_memory", info.cardMemory.total()},
              {"gpu_layers", info.nGpuLayers},
              {"fits", !answer.plan.shortage},
              {"bytes_per_token", answer.speed.bytesPerToken},
              {"depth", answer.point.depth},
              {"prompt_tokens", answer.point.promptTokens},
              {"tokens_per_s", answer.speed.tokensPerSecond},
              {"prefill_tokens_per_s", answer.speed.prefillTokensPerSecond},
              {"calibration", {{"devices", std::move(devices)}, {"assumed_types", assumed}}}};
    if (answer.plan.shortage) json["shortage"] = answer.plan.shortage->message;
    return json;
}

void printText(const Answer& answer) {
    const ModelInfo& info = answer.plan.info;
    print(fmt::format("{}, {}, {}\n", info.name, info.quantization, bytesText(info.fileBytes)));
    print(fmt::format("Memory at {} tokens: {}\n", info.contextTokens, memoryText(info.memory)));
    if (info.nGpuLayers > 0)
        print(fmt::format("{} of {} layers on the card, {}\n", info.nGpuLayers, info.nLayers,
                          bytesText(info.cardMemory.total())));
    if (answer.plan.shortage) print("Does not fit: " + answer.plan.shortage->message + "\n");
    const bool isOnCard = answer.card && info.nGpuLayers == info.nLayers;
    const MachineRates& rates = isOnCard ? *answer.card : answer.processor;
    print(fmt::format("Predicted: {} behind {} tokens: {} per token, of {:.1f} GB/s\n",
                      rateText(answer.speed.tokensPerSecond), answer.point.depth,
                      bytesText(static_cast<std::uint64_t>(answer.speed.bytesPerToken)),
                      rates.readGbS));
    print(fmt::format("A prompt of {} tokens: {}\n", answer.point.promptTokens,
                      rateText(answer.speed.prefillTokensPerSecond)));
}

Result<Answer> forecast(const CommonOptions& common, const ForecastOptions& options) {
    SOTTO_ASSIGN(const app::ChosenDevices devices, findDevices(common.engine()));
    const PlanSpace space = app::spaceFor(devices, {}, common.nThreads);
    Answer answer;
    answer.point = {options.depth, options.promptTokens};
    SOTTO_ASSIGN(answer.plan, planOf(common, options, space));
    const ModelInfo& info = answer.plan.info;
    std::vector<DType> types;
    for (const WeightUse& use : info.weightUse) types.push_back(use.type);
    if (info.bytesPerToken > info.cardBytesPerToken) {
        SOTTO_ASSIGN(answer.processor,
                     ratesOf(devices.processor, common.engine(), types, options.isMeasuringAnew));
    }
    if (devices.card && info.nGpuLayers > 0) {
        SOTTO_ASSIGN(MachineRates rates,
                     ratesOf(*devices.card, common.engine(), types, options.isMeasuringAnew));
        answer.card = std::move(rates);
    }
    answer.speed =
        forecastSpeed(info, answer.processor, answer.card ? &*answer.card : nullptr, answer.point);
    return answer;
}

}  // namespace

int runForecast(const CommonOptions& common, const ForecastOptions& options) {
    const auto answer = forecast(common, options);
    if (!answer) return printError(answer.error(), common.isJson);
    if (common.isJson) {
        printJson(toJson(*answer));
    } else {
        printText(*answer);
    }
    return finishOutput();
}

}  // namespace sotto::cli
