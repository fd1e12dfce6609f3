#include "app/core/speed_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "app/core/json_entries.h"

namespace sotto::app {
namespace {

constexpr int kSpeedFormat = 1;
constexpr const char* kSpeeds = "speeds";
// Of the newest: older ones tell of other versions of the kernels.
constexpr std::size_t kNewest = 20;
// A twentieth of the steps that took so much longer than the middle one is another load.
constexpr double kUneven = 1.5;

nlohmann::json speedJson(const MeasuredSpeed& speed) {
    return {{"file", speed.key.file},      {"bytes", speed.key.fileBytes},
            {"device", speed.key.device},  {"tokens_per_s", speed.tokensPerSecond},
            {"depth", speed.depth},        {"forecast", speed.forecast},
            {"by_rates", speed.isByRates}, {"measured_at", speed.measuredAt}};
}

// Nothing where it is none of ours.
std::optional<MeasuredSpeed> speedOf(const nlohmann::json& json) {
    if (!json.is_object()) return std::nullopt;
    const auto number = [&](const char* name) {
        const double value = numberField(json, name);
        return std::isfinite(value) && value > 0 && value < 1e15 ? value : 0;
    };
    MeasuredSpeed speed{
        .key = {textField(json, "file"), static_cast<std::uint64_t>(number("bytes")),
                textField(json, "device")},
        .tokensPerSecond = number("tokens_per_s"),
        .depth = number("depth"),
        .forecast = number("forecast"),
        .isByRates = json.value("by_rates", nlohmann::json()) == true,
        .measuredAt = static_cast<std::int64_t>(number("measured_at"))};
    if (speed.key.file.empty() || speed.tokensPerSecond <= 0) return std::nullopt;
    return speed;
}

}  // namespace

SpeedKey speedKeyOf(const std::filesystem::path& file, std::uint64_t fileBytes,
                    std::string device) {
    std::error_code error;
    auto plain = std::filesystem::absolute(file, error);
    if (!error) plain = std::filesystem::weakly_canonical(plain, error);
    return {(error ? file : plain).string(), fileBytes, std::move(device)};
}

std::string speedDevice(const ChosenDevices& devices, std::int64_t nGpuLayers,
                        std::int64_t nLayers) {
    const std::string processor = devices.processor.name + " " + devices.processor.instructionSet;
    if (!devices.card || nGpuLayers <= 0) return processor;
    const std::string card = devices.card->name + " " + devices.card->instructionSet;
    if (nGpuLayers >= nLayers) return card;
    return fmt::format("{}, {} of {} layers on {}", processor, nGpuLayers, nLayers, card);
}

std::vector<MeasuredSpeed> SpeedStore::load() const {
    std::vector<MeasuredSpeed> speeds;
    for (const auto& entry : readEntries(m_file, kSpeeds, kSpeedFormat))
        if (auto speed = speedOf(entry)) speeds.push_back(std::move(*speed));
    return speeds;
}

Status SpeedStore::save(const MeasuredSpeed& speed) const {
    std::vector<MeasuredSpeed> speeds = load();
    addSpeed(speeds, speed);
    nlohmann::json entries = nlohmann::json::array();
    for (const MeasuredSpeed& kept : speeds) entries.push_back(speedJson(kept));
    return writeEntries(m_file, kSpeeds, kSpeedFormat, std::move(entries));
}

void addSpeed(std::vector<MeasuredSpeed>& speeds, MeasuredSpeed speed) {
    std::erase_if(speeds, [&](const MeasuredSpeed& other) { return other.key == speed.key; });
    speeds.push_back(std::move(speed));
    if (speeds.size() > SpeedStore::kMost)
        speeds.erase(speeds.begin(), speeds.end() - static_cast<std::ptrdiff_t>(SpeedStore::kMost));
}

std::optional<MeasuredSpeed> findSpeed(const std::vector<MeasuredSpeed>& speeds,
                                       const SpeedKey& key) {
    const auto found = std::find_if(speeds.rbegin(), speeds.rend(),
                                    [&](const MeasuredSpeed& speed) { return speed.key == key; });
    return found == speeds.rend() ? std::nullopt : std::optional(*found);
}

double correctionOf(SpeedBasis basis, const std::optional<MeasuredSpeed>& measured) {
    if (!measured || measured->forecast <= 0) return 1;
    if (measured->isByRates != (basis == SpeedBasis::Rates)) return 1;
    return measured->tokensPerSecond / measured->forecast;
}

double correctedSpeed(const ModelSpeed& forecast, const std::optional<MeasuredSpeed>& measured) {
    return forecast.forecast.tokensPerSecond * correctionOf(forecast.basis, measured);
}

ForecastError forecastError(const std::vector<MeasuredSpeed>& speeds) {
    std::vector<double> errors;
    std::set<std::string> files;
    const bool isByRates = std::ranges::any_of(
        speeds, [](const MeasuredSpeed& speed) { return speed.isByRates && speed.forecast > 0; });
    for (auto speed = speeds.rbegin(); speed != speeds.rend() && errors.size() < kNewest; ++speed)
        if (speed->forecast > 0 && speed->isByRates == isByRates &&
            files.insert(speed->key.file).second)
            errors.push_back(std::abs(speed->forecast / speed->tokensPerSecond - 1));
    if (errors.empty()) return {};
    const auto middle = errors.begin() + static_cast<std::ptrdiff_t>(errors.size() / 2);
    std::nth_element(errors.begin(), middle, errors.end());
    double median = *middle;
    if (errors.size() % 2 == 0) median = (median + *std::max_element(errors.begin(), middle)) / 2;
    return {median, static_cast<int>(errors.size())};
}

std::optional<double> speedOfAnswer(const RequestStats& answer) {
    if (answer.generatedTokens < kTokensThatTell || answer.tpotP50Ms <= 0) return std::nullopt;
    if (answer.preemptions > 0 || answer.draftProposed > 0 || answer.draftGain > 0)
        return std::nullopt;
    if (answer.tpotP95Ms > kUneven * answer.tpotP50Ms) return std::nullopt;
    if (answer.tpotMeanMs > kUneven * answer.tpotP50Ms) return std::nullopt;
    return 1000 / answer.tpotP50Ms;
}

double keptPerStep(std::int64_t nAccepted, std::int64_t nSteps) {
    return nSteps > 0 ? 1 + static_cast<double>(nAccepted) / static_cast<double>(nSteps) : 0;
}

}  // namespace sotto::app
