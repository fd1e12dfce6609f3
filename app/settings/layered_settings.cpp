#include "app/settings/layered_settings.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/api/engine_options.h"

namespace sotto::app {
namespace {

const NumberSetting* findSetting(const QString& key) {
    for (const NumberSetting& setting : numberSettings())
        if (key.toStdString() == setting.key) return &setting;
    return nullptr;
}

}  // namespace

LayeredSettings::LayeredSettings(Source layer, LayeredSettings* below, QObject* parent)
    : QObject(parent), m_layer(layer), m_below(below) {
    Q_ASSERT(layer != Default && (below == nullptr || below->m_layer < layer));
    if (m_below != nullptr)
        connect(m_below, &LayeredSettings::changed, this, &LayeredSettings::changed);
}

EffectiveSettings LayeredSettings::effective() const {
    static const SettingsLayer kNothing;
    const SettingsLayer* layers[] = {&kNothing, &kNothing, &kNothing};
    for (const LayeredSettings* layer = this; layer != nullptr; layer = layer->m_below)
        layers[layer->m_layer - App] = &layer->m_own;
    return resolveSettings(*layers[0], *layers[1], *layers[2]);
}

QString LayeredSettings::systemPrompt() const {
    return QString::fromStdString(effective().systemPrompt.value);
}

QString LayeredSettings::ownSystemPrompt() const {
    return QString::fromStdString(m_own.systemPrompt.value_or(std::string()));
}

template <typename T>
void LayeredSettings::edit(std::optional<T>& own, T value) {
    if (own == value) return;
    own = std::move(value);
    tellEdit();
}

void LayeredSettings::tellEdit() {
    emit changed();
    emit edited();
}

void LayeredSettings::setOwnSystemPrompt(const QString& prompt) {
    if (prompt.isEmpty()) return reset(QStringLiteral("systemPrompt"));
    edit(m_own.systemPrompt, prompt.toStdString());
}

void LayeredSettings::setThinking(ThinkingSetting thinking) { edit(m_own.thinking, thinking); }

void LayeredSettings::setDraft(DraftKind draft) { edit(m_own.draft, draft); }

void LayeredSettings::setOverflow(OverflowWay way) { edit(m_own.overflow, way); }

void LayeredSettings::setDropped(std::vector<DroppedTurns> dropped) {
    if (m_own.dropped == dropped) return;
    m_own.dropped = std::move(dropped);
    tellEdit();
}

void LayeredSettings::setContextTokens(int tokens) {
    edit(m_own.load.contextTokens, std::int64_t{std::max(0, tokens)});
}

void LayeredSettings::setKvType(const QString& type) {
    if (const auto types = kvTypesFromText(type.toStdString()))
        edit(m_own.load.kvType, kvTypesText(*types));
}

double LayeredSettings::number(const QString& key) const {
    const EffectiveSettings settings = effective();
    const auto number = settings.numbers.find(key.toStdString());
    return number == settings.numbers.end() ? 0 : number->second.value;
}

LayeredSettings::Source LayeredSettings::numberSource(const QString& key) const {
    const EffectiveSettings settings = effective();
    const auto number = settings.numbers.find(key.toStdString());
    return number == settings.numbers.end() ? Default : toSource(number->second.source);
}

void LayeredSettings::setNumber(const QString& key, double value) {
    const NumberSetting* setting = findSetting(key);
    if (setting == nullptr || !std::isfinite(value)) return;
    double clamped = std::clamp(value, setting->minimum, setting->maximum);
    if (setting->isWhole) clamped = std::round(clamped);
    const auto [own, isNew] = m_own.numbers.emplace(setting->key, clamped);
    if (!isNew && std::exchange(own->second, clamped) == clamped) return;
    tellEdit();
}

void LayeredSettings::reset(const QString& key) {
    if (resetSetting(m_own, key.toStdString())) tellEdit();
}

void LayeredSettings::resetNumbers() {
    if (m_own.numbers.empty()) return;
    m_own.numbers.clear();
    tellEdit();
}

void LayeredSettings::setOwn(SettingsLayer layer) {
    m_own = std::move(layer);
    emit changed();
}

}  // namespace sotto::app
