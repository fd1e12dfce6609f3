#include "engine/api/forecast.h"

#include <algorithm>

namespace sotto {
namespace {

constexpr double kGiga = 1e9, kTera = 1e12;

// The share of the bandwidth that is taken for a type nobody has measured: the slowest measured
// one's, or what a slow kernel reaches on machines that we know.
constexpr double kUnknownShare = 0.6;

// Of one device: how long its part of a token takes.
class PartForecast {
public:
    PartForecast(const ModelInfo& model, const MachineRates& rates, double share)
        : m_model(model), m_rates(rates), m_share(share) {}

    double decodeSeconds(double cacheBytes, std::vector<DType>& assumed) const {
        double seconds = 0;
        for (const WeightUse& use : m_model.weightUse) {
            if (m_rates.find(use.type) == nullptr) assumed.push_back(use.type);
            seconds += m_share * double(use.bytesPerToken) / (kGiga * decodeGbS(use.type));
        }
        return cacheBytes > 0 ? seconds + m_share * cacheBytes / (kGiga * cacheGbS()) : seconds;
    }

    // Per token of a prompt whose rows look back over `meanDepth` others on average.
    double prefillSeconds(double meanDepth) const {
        double seconds = 0, slowest = 0;
        for (const WeightUse& use : m_model.weightUse) {
            const double perFlop = 1 / (kTera * prefillTflops(use.type));
            slowest = std::max(slowest, perFlop);
            seconds += m_share * 2.0 * double(use.layerElementsPerToken) * perFlop;
        }
        const double attention =
            4.0 * meanDepth * double(m_model.nHeads * m_model.headDim) * double(m_model.nLayers);
        return seconds + m_share * attention * slowest;
    }

private:
    double slowestShare() const {
        if (m_rates.readGbS <= 0) return 0;
        double share = kUnknownShare;
        for (const TypeRate& rate : m_rates.types)
            share = std::min(share, rate.decodeGbS / m_rates.readGbS);
        return share;
    }
    double decodeGbS(DType type) const {
        const TypeRate* rate = m_rates.find(type);
        return rate != nullptr ? rate->decodeGbS : slowestShare() * m_rates.readGbS;
    }
    double cacheGbS() const {
        return m_rates.cacheGbS > 0 ? m_rates.cacheGbS : slowestShare() * m_rates.readGbS;
    }
    double prefillTflops(DType type) const {
        if (const TypeRate* rate = m_rates.find(type)) return rate->prefillTflops;
        const auto slowest = std::min_element(m_rates.types.begin(), m_rates.types.end(),
                                              [](const TypeRate& left, const TypeRate& right) {
                                                  return left.prefillTflops < right.prefillTflops;
                                              });
        return slowest == m_rates.types.end() ? 0 : slowest->prefillTflops;
    }

    const ModelInfo& m_model;
    const MachineRates& m_rates;
    double m_share;
};

}  // namespace

const TypeRate* MachineRates::find(DType type) const {
    const auto found = std::find_if(types.begin(), types.end(),
                                    [&](const TypeRate& rate) { return rate.type == type; });
    return found == types.end() ? nullptr : &*found;
}

MachineRates ratesAt(const MachineRates& rates, double readGbS) {
    if (rates.readGbS <= 0 || readGbS <= 0) return rates;
    MachineRates scaled = rates;
    const double factor = readGbS / rates.readGbS;
    scaled.readGbS = readGbS;
    scaled.cacheGbS *= factor;
    for (TypeRate& rate : scaled.types) rate.decodeGbS *= factor;
    return scaled;
}

SpeedForecast forecastSpeed(const ModelInfo& model, const MachineRates& processor,
                            const MachineRates* card, const ForecastPoint& point) {
    const double cardShare = card == nullptr || model.bytesPerToken == 0
                                 ? 0
                                 : double(model.cardBytesPerToken) / double(model.bytesPerToken);
    const double cacheBytes =
        model.contextTokens == 0
            ? 0
            : double(model.memory.kv) / double(model.contextTokens) * double(point.depth);
    SpeedForecast forecast;
    for (const WeightUse& use : model.weightUse)
        forecast.bytesPerToken += double(use.bytesPerToken);
    forecast.bytesPerToken += cacheBytes;
    // Its matrices are no longer those of the file: no rate of a type says how fast they are read.
    if (!model.unpackedTypes.empty()) return forecast;
    double decode = 0, prefill = 0;
    const auto add = [&](const MachineRates& rates, double share) {
        if (share <= 0) return;
        const PartForecast part(model, rates, share);
        decode += part.decodeSeconds(cacheBytes, forecast.assumed);
        prefill += part.prefillSeconds(double(point.promptTokens) / 2);
    };
    add(processor, 1 - cardShare);
    if (card != nullptr) add(*card, cardShare);
    // Endless where a rate is not known.
    if (decode > 0) forecast.tokensPerSecond = 1 / decode;
    if (prefill > 0) forecast.prefillTokensPerSecond = 1 / prefill;
    std::sort(forecast.assumed.begin(), forecast.assumed.end());
    forecast.assumed.erase(std::unique(forecast.assumed.begin(), forecast.assumed.end()),
                           forecast.assumed.end());
    return forecast;
}

}  // namespace sotto
