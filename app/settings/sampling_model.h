// SamplingModel: the sampling settings of one layer as rows: value, where it comes from, reset.
#pragma once

#include <QAbstractListModel>
#include <QQmlEngine>
#include <memory>
#include <string>

#include "app/bridge/language_watch.h"
#include "app/settings/layered_settings.h"
#include "engine/api/generation_request.h"

namespace sotto::app {

class NumberFormat;

class SamplingModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by a controller")
    // One line for the top bar: "temp 0.3"; and whether anything differs from the defaults.
    Q_PROPERTY(QString summary READ summary NOTIFY changed)
    Q_PROPERTY(bool isModified READ isModified NOTIFY changed)  // this layer overrides something
    Q_PROPERTY(Source layer READ layer CONSTANT)

public:
    enum Source {
        Default = LayeredSettings::Default,
        App = LayeredSettings::App,
        Model = LayeredSettings::Model,
        Chat = LayeredSettings::Chat,
    };
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
        NameRole,
        ExplanationRole,
        ShownTextRole,  // the value as it is written, "no limit" among them
        RangeTextRole,  // what may be typed
        HasSliderRole,  // a slider can reach every value that people use
    };
    Q_ENUM(Role)
    // role names: key value minimum maximum step decimals source name explanation shownText
    // rangeText hasSlider

    Q_INVOKABLE void setValue(const QString& key, double value);
    // As typed: "1,024", "0,5", "0.5"; what is no number unsets the settings that can be without
    // one. What is not allowed changes nothing and gives back what is; empty: it was taken.
    Q_INVOKABLE QString setText(const QString& key, const QString& text);
    Q_INVOKABLE void reset(const QString& key);
    Q_INVOKABLE void resetAll();

    // The rows of this layer, which must outlive this.
    explicit SamplingModel(LayeredSettings& settings, QObject* parent = nullptr);
    // The same with a layer of its own; `below`: the rows of the layer under it, must outlive this.
    explicit SamplingModel(Source layer, SamplingModel* below = nullptr, QObject* parent = nullptr);
    ~SamplingModel() override;

    Source layer() const { return static_cast<Source>(m_settings.layer()); }
    QString summary() const;
    bool isModified() const { return m_settings.setsNumbers(); }
    double valueOf(const QString& key) const { return m_settings.number(key); }
    Source sourceOf(const QString& key) const {
        return static_cast<Source>(m_settings.numberSource(key));
    }

    // Writes every value that counts here into the request.
    void apply(GenerationRequest& request) const;

    // What this layer sets, as a JSON object.
    std::string toJson() const { return m_settings.toJson(); }
    void setJson(const std::string& json) { m_settings.setJson(json); }

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

signals:
    void changed();
    void edited();  // by the user, so that it is stored

private:
    SamplingModel(std::unique_ptr<LayeredSettings> settings, QObject* parent);

    void followLanguage();

    std::unique_ptr<NumberFormat> m_format;
    LanguageWatch m_language;
    std::unique_ptr<LayeredSettings> m_made;  // null: the layer is the owner's
    LayeredSettings& m_settings;
};

}  // namespace sotto::app
