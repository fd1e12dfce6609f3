// LayeredSettings: one layer of the settings (the app's, a model's or a chat's) above the layers
// below it: what this layer sets, what counts here, and where each value comes from.
//
// Whoever owns it keeps it: setJson() with what is stored, toJson() on edited(). The layer below
// must outlive it. GUI thread only.
#pragma once

#include <QObject>
#include <QQmlEngine>
#include <string>

#include "app/core/settings_layers.h"

namespace sotto::app {

class LayeredSettings : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by a controller")
    // Each value as it counts here, and the layer that it comes from.
    Q_PROPERTY(QString systemPrompt READ systemPrompt NOTIFY changed)
    Q_PROPERTY(Source systemPromptSource READ systemPromptSource NOTIFY changed)
    Q_PROPERTY(QString ownSystemPrompt READ ownSystemPrompt WRITE setOwnSystemPrompt NOTIFY
                   changed)  // what this layer sets; empty: the one below counts
    Q_PROPERTY(int thinking READ thinkingIndex NOTIFY changed)  // 0 auto, 1 on, 2 off
    Q_PROPERTY(Source thinkingSource READ thinkingSource NOTIFY changed)
    Q_PROPERTY(int contextTokens READ contextTokens NOTIFY changed)  // 0: automatic
    Q_PROPERTY(Source contextTokensSource READ contextTokensSource NOTIFY changed)
    Q_PROPERTY(QString kvType READ kvType NOTIFY changed)
    Q_PROPERTY(Source kvTypeSource READ kvTypeSource NOTIFY changed)
    Q_PROPERTY(bool isModified READ isModified NOTIFY changed)  // this layer sets something

public:
    enum Source { Default, App, Model, Chat };
    Q_ENUM(Source)

    explicit LayeredSettings(Source layer, LayeredSettings* below = nullptr,
                             QObject* parent = nullptr);

    // Takes one value out of this layer, so that the layers below count again.
    Q_INVOKABLE void reset(const QString& key);

    Source layer() const { return m_layer; }
    QString systemPrompt() const;
    Source systemPromptSource() const { return toSource(effective().systemPrompt.source); }
    QString ownSystemPrompt() const;
    void setOwnSystemPrompt(const QString& prompt);
    ThinkingSetting thinking() const { return effective().thinking.value; }
    int thinkingIndex() const { return static_cast<int>(thinking()); }
    Source thinkingSource() const { return toSource(effective().thinking.source); }
    void setThinking(ThinkingSetting thinking);
    DraftKind draft() const { return effective().draft.value; }
    void setDraft(DraftKind draft);
    OverflowWay overflow() const { return effective().overflow.value; }
    void setOverflow(OverflowWay way);
    const std::vector<DroppedTurns>& dropped() const { return m_own.dropped; }
    void setDropped(std::vector<DroppedTurns> dropped);
    int contextTokens() const { return static_cast<int>(effective().contextTokens.value); }
    Source contextTokensSource() const { return toSource(effective().contextTokens.source); }
    void setContextTokens(int tokens);
    QString kvType() const { return QString::fromStdString(effective().kvType.value); }
    Source kvTypeSource() const { return toSource(effective().kvType.source); }
    void setKvType(const QString& type);  // a name that is not known changes nothing
    bool isModified() const { return !m_own.isEmpty(); }

    // Sampling numbers, by NumberSetting::key. A value beyond its range is moved into it.
    double number(const QString& key) const;
    Source numberSource(const QString& key) const;
    void setNumber(const QString& key, double value);
    bool setsNumbers() const { return !m_own.numbers.empty(); }
    void resetNumbers();

    const SettingsLayer& own() const { return m_own; }
    EffectiveSettings effective() const;

    std::string toJson() const { return settingsToJson(m_own); }
    void setJson(const std::string& json) { setOwn(settingsFromJson(json)); }
    void setOwn(SettingsLayer layer);

signals:
    void changed();  // a value here or below
    void edited();   // this layer, by a person, so that it is stored

private:
    static Source toSource(Layer layer) { return static_cast<Source>(layer); }
    template <typename T>
    void edit(std::optional<T>& own, T value);
    void tellEdit();

    Source m_layer;
    LayeredSettings* m_below;  // null: nothing is below
    SettingsLayer m_own;
};

}  // namespace sotto::app
