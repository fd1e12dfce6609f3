// SamplingModel: the sampling settings of one layer (app or chat) as rows: value, where it comes
// from, reset.
#pragma once

#include <QAbstractListModel>
#include <QQmlEngine>
#include <string>

#include "app/core/settings_layers.h"
#include "engine/api/generation_request.h"

namespace sotto::app {

class SamplingModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by a controller")
    // One line for the top bar: "temp 0.3"; and whether anything differs from the defaults.
    Q_PROPERTY(QString summary READ summary NOTIFY changed)
    Q_PROPERTY(bool isModified READ isModified NOTIFY changed)  // this layer overrides something

public:
    enum Source { Default, App, Chat };
    Q_ENUM(Source)

    enum Role {
        KeyRole =
            Qt::UserRole + 1,  // temperature topK topP minP typicalP repeatPenalty presencePenalty
                               // frequencyPenalty dryMultiplier maxTokens seed
        ValueRole,             // double; seed: -1 is "random", maxTokens: -1 is "no limit"
        MinimumRole,
        MaximumRole,
        StepRole,
        DecimalsRole,  // int
        SourceRole,    // Source of the value shown
    };
    Q_ENUM(Role)
    // role names: key value minimum maximum step decimals source. QML translates keys into labels.

    Q_INVOKABLE void setValue(const QString& key, double value);
    Q_INVOKABLE void reset(const QString& key);
    Q_INVOKABLE void resetAll();

    // `below`: the layer under this one, asked for what this one does not set; null for the app's.
    // Must outlive this.
    explicit SamplingModel(Source layer, SamplingModel* below = nullptr, QObject* parent = nullptr);

    QString summary() const;
    bool isModified() const { return !m_own.numbers.empty(); }
    double valueOf(const QString& key) const;
    Source sourceOf(const QString& key) const;

    // Writes every value that counts here into the request.
    void apply(GenerationRequest& request) const;

    // What this layer sets, as a JSON object; values out of range or unknown keys are dropped on
    // reading.
    std::string toJson() const;
    void setJson(const std::string& json);

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

signals:
    void changed();
    void edited();  // by the user, so that it is stored

private:
    void tell();

    EffectiveSettings effective() const;

    SamplingModel* m_below;  // null: this is the app's layer
    SettingsLayer m_own;
};

}  // namespace sotto::app
