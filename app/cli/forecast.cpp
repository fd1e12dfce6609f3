#include <fmt/format.h>

#include "app/cli/hub_session.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/progress_bar.h"
#include "app/core/card_table.h"
#include "app/core/chosen_devices.h"
#include "app/core/hub/hub_forecast.h"
#include "app/core/model_forecast.h"
#include "app/core/paths.h"
#include "app/core/rate_store.h"
#include "app/core/speed_store.h"
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

// Of a model on a hub: its header is read there.
Result<PlannedModel> planOnHub(const CommonOptions& common, const ForecastOptions& options,
                               const app::ForecastSetting& setting) {
    const HubReference wanted = parseHubReference(common.model);
    SOTTO_ASSIGN(const std::unique_ptr<HubSession> session, HubSession::open(options.hub));
    SOTTO_ASSIGN(auto files, session->client().files(wanted.repository, "", session->stop()));
    SOTTO_ASSIGN(const app::HubEntry entry, app::chooseEntry(app::hubEntries(std::move(files)),
                                                             wanted.file, wanted.repository));
    SOTTO_ASSIGN(app::ModelForecast forecast,
                 app::forecastEntry(session->client(), wanted.repository, "", entry, setting,
                                    session->stop()));
    return std::move(forecast.plan);
}

Result<PlannedModel> planOf(const CommonOptions& common, const ForecastOptions& options,
                            const app::ForecastSetting& setting) {
    const PlanSpace space = setting.space();
    if (options.synthetic.empty())
        return isHubReference(common.model) ? planOnHub(common, options, setting)
                                            : planModel(setting.load, space);
    SOTTO_ASSIGN(SyntheticModel model,
                 planSyntheticModel(options.synthetic, common.seed.value_or(1)));
    SOTTO_ASSIGN(const std::vector<std::byte> header, model.writer.headerBytes());
    return planHeader(header, options.synthetic, setting.load, space);
}

// Of one device: what is remembered, with what this model lacks and the bandwidth of now.
Result<MachineRates> ratesOf(const DeviceInfo& device, const EngineOptions& engine,
                             std::vector<DType> types, bool isMeasuringAnew) {
    const app::RateKey key = app::rateKeyOf(device, engine.nThreads);
    const auto paths = app::findPaths(app::processEnvironment());
    const app::RateStore store(paths ? app::RateStore::pathIn(paths->cache)
                                     : std::filesystem::path());
    RateWish wish{.types = std::move(types)};
    if (!isMeasuringAnew && paths) wish.known = store.load(key);
    EngineOptions on = engine;
    on.device = device.id;
    ProgressBar bar("measuring this machine", "");
    auto rates = measureRates(on, std::move(wish), progressSink(bar));
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

struct ForecastAnswer {
    app::ModelForecast forecast;
    app::KnownRates rates;
    std::optional<app::CardModel> wished;        // a card that is not here
    std::optional<app::MeasuredSpeed> measured;  // by an answer of this model in the window
    app::ForecastError error;                    // of the last forecasts of all models

    // Of what stays in a cache; what was measured has shown its speed there.
    bool isLowerBound() const { return !measured && app::staysInCache(forecast.plan.info); }
    double tokensPerSecond() const {
        return app::correctedSpeed({forecast.speed, forecast.basis}, measured);
    }
};

Json toJson(const std::string& device, const app::MemoryRoom& room) {
    return {{"device", device},
            {"needed", room.needed},
            {"available", room.available},
            {"of_others", room.ofOthers},
            {"total", room.total}};
}

Json calibrationJson(const ForecastAnswer& answer) {
    const ModelInfo& info = answer.forecast.plan.info;
    Json assumed = Json::array();
    for (const DType type : answer.forecast.speed.assumed)
        assumed.push_back(dtypeTraits(type).name);
    Json devices = Json::array();
    if (info.bytesPerToken > info.cardBytesPerToken)
        devices.push_back(toJson(answer.rates.processor));
    if (answer.rates.card && !answer.wished) devices.push_back(toJson(*answer.rates.card));
    Json json{{"devices", std::move(devices)},
              {"assumed_types", std::move(assumed)},
              {"uncorrected_tokens_per_s", answer.forecast.speed.tokensPerSecond},
              {"error_share", answer.error.nModels > 0 ? Json(answer.error.share) : Json()},
              {"models", answer.error.nModels}};
    if (answer.measured)
        json["measured"] = {{"tokens_per_s", answer.measured->tokensPerSecond},
                            {"depth", answer.measured->depth}};
    return json;
}

Json toJson(const ForecastAnswer& answer) {
    const app::ModelForecast& forecast = answer.forecast;
    const ModelInfo& info = forecast.plan.info;
    Json rooms = Json::array({toJson("cpu", forecast.processor)});
    if (forecast.card.total > 0) rooms.push_back(toJson("card", forecast.card));
    Json json{{"model", info.name},
              {"architecture", info.architecture},
              {"quantization", info.quantization},
              {"file_bytes", info.fileBytes},
              {"context_tokens", info.contextTokens},
              {"is_context_shortened", forecast.plan.isShortened},
              {"memory", memoryJson(info.memory)},
              {"card_memory", info.cardMemory.total()},
              {"gpu_layers", info.nGpuLayers},
              {"room", std::move(rooms)},
              {"fits", forecast.isFitting()},
              {"missing_bytes", forecast.bytesMissing()},
              {"bytes_per_token", forecast.speed.bytesPerToken},
              {"depth", forecast.point.depth},
              {"prompt_tokens", forecast.point.promptTokens},
              {"tokens_per_s", answer.tokensPerSecond()},
              // It would stay in the processor's cache: faster than memory gives it out.
              {"is_lower_bound", answer.isLowerBound()},
              {"prefill_tokens_per_s", forecast.speed.prefillTokensPerSecond},
              {"calibration", calibrationJson(answer)}};
    if (forecast.plan.shortage) json["shortage"] = forecast.plan.shortage->message;
    if (!answer.wished) return json;
    json["for"] = {{"card", answer.wished->name},
                   {"memory_total", answer.wished->memoryBytes()},
                   {"bandwidth_gb_s", answer.wished->bandwidthGbS()},
                   {"is_used", info.nGpuLayers > 0}};
    // Of a card's computing nothing is known before it was measured.
    if (info.nGpuLayers > 0) json["prefill_tokens_per_s"] = nullptr;
    return json;
}

void printRoom(const char* device, const app::MemoryRoom& room) {
    print(fmt::format("{}: takes {} of {} that are free; others use {}\n", device,
                      bytesText(room.needed), bytesText(room.available), bytesText(room.ofOthers)));
}

std::string wishedText(const app::CardModel& card, const ModelInfo& info) {
    const std::string name = fmt::format("{} with {}", card.name, bytesText(card.memoryBytes()));
    if (info.nGpuLayers == 0)
        return fmt::format("Nothing of it would lie on a {}: these are figures of the processor\n",
                           name);
    return fmt::format("For a {}: predicted by its bandwidth on the data sheet, never measured\n",
                       name);
}

void printText(const ForecastAnswer& answer) {
    const app::ModelForecast& forecast = answer.forecast;
    const ModelInfo& info = forecast.plan.info;
    print(fmt::format("{}, {}, {}\n", info.name, info.quantization, bytesText(info.fileBytes)));
    print(fmt::format("Memory at {} tokens: {}\n", info.contextTokens, memoryText(info.memory)));
    printRoom("Processor", forecast.processor);
    if (forecast.card.total > 0) printRoom("Card", forecast.card);
    if (info.nGpuLayers > 0)
        print(fmt::format("{} of {} layers on the card, {}\n", info.nGpuLayers, info.nLayers,
                          bytesText(info.cardMemory.total())));
    if (forecast.plan.shortage) print("Does not fit: " + forecast.plan.shortage->message + "\n");
    const bool isOnCard = answer.rates.card && info.nGpuLayers == info.nLayers;
    const MachineRates& rates = isOnCard ? *answer.rates.card : answer.rates.processor;
    print(fmt::format("Predicted: {}{} behind {} tokens: {} per token, of {:.1f} GB/s\n",
                      answer.isLowerBound() ? "at least " : "", rateText(answer.tokensPerSecond()),
                      forecast.point.depth,
                      bytesText(static_cast<std::uint64_t>(forecast.speed.bytesPerToken)),
                      rates.readGbS));
    if (answer.measured)
        print(
            fmt::format("Measured before: {} behind {:.0f} tokens; the prediction is corrected by "
                        "it\n",
                        rateText(answer.measured->tokensPerSecond), answer.measured->depth));
    if (answer.error.nModels > 0)
        print(fmt::format("The last forecasts of {} {} were off by {:.0f} %\n",
                          answer.error.nModels, answer.error.nModels == 1 ? "model" : "models",
                          100 * answer.error.share));
    if (answer.wished) print(wishedText(*answer.wished, info));
    if (answer.wished && info.nGpuLayers > 0) return;
    print(fmt::format("A prompt of {} tokens: {}\n", forecast.point.promptTokens,
                      rateText(forecast.speed.prefillTokensPerSecond)));
}

// What the window's answers have told, of a file that is here and of devices that are.
void takeMeasured(const CommonOptions& common, const app::ChosenDevices& devices,
                  ForecastAnswer& answer) {
    const auto paths = app::findPaths(app::processEnvironment());
    if (!paths) return;
    // Of a card that is not here nothing was measured, and past errors tell nothing of it.
    if (answer.wished) return;
    const auto speeds = app::SpeedStore(app::SpeedStore::pathIn(paths->cache)).load();
    answer.error = app::forecastError(speeds);
    if (common.model.empty()) return;
    const ModelInfo& info = answer.forecast.plan.info;
    answer.measured = app::findSpeed(
        speeds, app::speedKeyOf(common.model, info.fileBytes,
                                app::speedDevice(devices, info.nGpuLayers, info.nLayers)));
}

Result<ForecastAnswer> forecast(const CommonOptions& common, const ForecastOptions& options) {
    app::ForecastSetting setting{.load = common.load(),
                                 .nThreads = common.nThreads,
                                 .point = {options.depth, options.promptTokens}};
    setting.products = common.engine().products;
    SOTTO_ASSIGN(setting.devices, findDevices(common.engine()));
    std::optional<app::CardModel> wished;
    if (!options.card.empty()) {
        SOTTO_ASSIGN(wished, app::findCard(options.card));
        if (!canPlanForCards())
            return fail(ErrorCode::Unsupported,
                        "This program was built without CUDA and does not know what a model takes "
                        "on a card: ask one that was built with it.");
        setting.devices = app::withCard(setting.devices, *wished);
    }
    SOTTO_ASSIGN(PlannedModel plan, planOf(common, options, setting));
    const ModelInfo& info = plan.info;
    std::vector<DType> types;
    for (const WeightUse& use : info.weightUse)
        if (hasKernels(use.type)) types.push_back(use.type);
    if (info.bytesPerToken > info.cardBytesPerToken) {
        SOTTO_ASSIGN(setting.rates.processor, ratesOf(setting.devices.processor, common.engine(),
                                                      types, options.isMeasuringAnew));
    }
    if (wished && info.nGpuLayers > 0) {
        setting.rates.card = app::predictedRates(*wished);
    } else if (setting.devices.card && info.nGpuLayers > 0) {
        SOTTO_ASSIGN(MachineRates rates, ratesOf(*setting.devices.card, common.engine(), types,
                                                 options.isMeasuringAnew));
        setting.rates.card = std::move(rates);
    }
    ForecastAnswer answer{
        app::forecastOf(std::move(plan), setting), std::move(setting.rates), wished, {}, {}};
    takeMeasured(common, setting.devices, answer);
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
