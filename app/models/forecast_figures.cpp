#include "app/models/forecast_figures.h"

#include <algorithm>

namespace sotto::app {

ForecastFigures figuresOf(const ModelForecast& forecast, bool hasCard, double readGbS) {
    const ModelInfo& info = forecast.plan.info;
    const bool isOnCard = info.nGpuLayers > 0;
    const bool isOnBoth = isOnCard && info.cardBytesPerToken < info.bytesPerToken;
    ForecastFigures figures;
    figures.memory = isOnCard && !isOnBoth ? info.cardMemory : info.memory;
    figures.cardBytes = info.cardMemory.total();
    figures.processorBytes =
        figures.memory.total() - std::min(figures.memory.total(), figures.cardBytes);
    figures.available = isOnCard ? forecast.card.available : 0;
    if (!isOnCard || isOnBoth) figures.available += forecast.processor.available;
    figures.missing = forecast.bytesMissing();
    figures.isTight = forecast.plan.isShortened && forecast.isFitting();
    figures.contextTokens = static_cast<int>(info.contextTokens);
    figures.isAtLeast = staysInCache(info);
    // What does not fit will never run at the speed that was planned for it.
    if (figures.missing > 0) return figures;
    figures.predictedSpeed = forecast.speed.tokensPerSecond;
    figures.basis = forecast.basis;
    // The bandwidth is that of the device that models lie on first.
    if (isOnCard == hasCard && !isOnBoth && info.bytesPerToken > 0)
        figures.speedLimit = readGbS * 1e9 / static_cast<double>(info.bytesPerToken);
    return figures;
}

}  // namespace sotto::app
