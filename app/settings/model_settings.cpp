#include "app/settings/model_settings.h"

namespace sotto::app {
namespace {

// A model that is in no library yet (the built-in one) gets a row with its first setting.
Status writeLayer(storage::Database& database, const std::string& path, const std::string& json) {
    const Status written = database.models().setSettings(path, json);
    if (written || written.error().code != ErrorCode::NotFound) return written;
    storage::ModelRecord row;
    row.path = path;
    SOTTO_TRY(database.models().save(row));
    return database.models().setSettings(path, json);
}

QString keyOf(const QString& path) { return QStringLiteral("model ") + path; }

}  // namespace

ModelSettings::ModelSettings(StorageBridge& storage, LayeredSettings& app,
                             const std::vector<storage::ModelRecord>& stored, QObject* parent)
    : QObject(parent),
      m_app(app),
      m_layer(LayeredSettings::Model, &app),
      m_sampling(m_layer),
      m_writes(storage) {
    for (const storage::ModelRecord& row : stored) {
        SettingsLayer layer = settingsFromJson(row.settingsJson);
        if (layer != SettingsLayer{}) m_layers[QString::fromStdString(row.path)] = std::move(layer);
    }
    connect(&m_layer, &LayeredSettings::edited, this, &ModelSettings::store);
}

void ModelSettings::follow(const QString& path) {
    if (path == m_path) return;
    saveNow();
    m_path = path;
    const auto layer = m_layers.find(path);
    m_layer.setOwn(layer == m_layers.end() ? SettingsLayer{} : layer->second);
    m_prompt = UnwrittenText(m_layer.ownSystemPrompt());
    emit modelChanged();
}

EffectiveSettings ModelSettings::effectiveFor(const QString& path) const {
    const auto layer = m_layers.find(path);
    return resolveSettings(m_app.own(), layer == m_layers.end() ? SettingsLayer{} : layer->second,
                           {});
}

LoadSettings ModelSettings::loadSettings(const QString& path) const {
    const auto layer = m_layers.find(path);
    return layer == m_layers.end() ? LoadSettings() : layer->second.load;
}

void ModelSettings::setLoadSettings(const QString& path, const LoadSettings& load) {
    if (path.isEmpty() || loadSettings(path) == load) return;
    SettingsLayer layer = m_layers[path];
    layer.load = load;
    if (path == m_path) {
        m_layer.setOwn(std::move(layer));
        store();
    } else {
        write(path, settingsToJson(layer), {});
        m_layers[path] = std::move(layer);
    }
    emit loadChanged();
}

void ModelSettings::store() {
    if (m_path.isEmpty()) return m_layer.setOwn({});
    m_layers[m_path] = m_layer.own();
    const bool isPending = m_writes.isPending(keyOf(m_path));
    write(m_path, m_layer.toJson(), m_prompt.of(m_layer.ownSystemPrompt(), isPending));
}

void ModelSettings::write(const QString& path, const std::string& json, const QString& text) {
    m_writes.put(keyOf(path), text, [path = path.toStdString(), json](storage::Database& database) {
        return writeLayer(database, path, json);
    });
}

}  // namespace sotto::app
