// HubSearchModel: what a hub has, as its user types: the question goes out when typing rests, a new
// one ends the one before, and further pages come as the list is scrolled to its end.
//
// Nothing is asked before somebody asks: the page opens without a connection. Borrows the hub,
// its downloads and the worker, which must outlive it. GUI thread only.
#pragma once

#include <QAbstractListModel>
#include <QQmlEngine>
#include <QTimer>
#include <QVariantList>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <vector>

#include "app/bridge/language_watch.h"
#include "app/hub/hub_files_model.h"
#include "app/hub/hub_wish.h"
#include "net/api/hub_types.h"

namespace sotto::app {

class NumberFormat;

class HubSearchModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by HubController")
    Q_PROPERTY(State state READ state NOTIFY stateChanged)
    Q_PROPERTY(bool isFetching READ isFetching NOTIFY stateChanged)  // a further page
    // Failed: cause and remedy. Found: why the list ends here, when a page failed; else empty.
    Q_PROPERTY(QString problem READ problem NOTIFY stateChanged)
    Q_PROPERTY(QString problemTitle READ problemTitle NOTIFY stateChanged)
    Q_PROPERTY(bool isOfflineProblem READ isOfflineProblem NOTIFY stateChanged)
    // NothingFound: the hub has more, of which so many were looked at.
    Q_PROPERTY(bool hasMore READ hasMore NOTIFY stateChanged)
    Q_PROPERTY(int seenCount READ seenCount NOTIFY stateChanged)
    Q_PROPERTY(int count READ rowCountProperty NOTIFY stateChanged)
    // The wish, see HubWish; each change asks anew.
    Q_PROPERTY(QString text READ text WRITE setText NOTIFY wishChanged)
    Q_PROPERTY(QString sort READ sort WRITE setSort NOTIFY wishChanged)
    Q_PROPERTY(QString licence READ licence WRITE setLicence NOTIFY wishChanged)
    Q_PROPERTY(QString size READ size WRITE setSize NOTIFY wishChanged)
    Q_PROPERTY(QString family READ family WRITE setFamily NOTIFY wishChanged)
    Q_PROPERTY(QString type READ type WRITE setType NOTIFY wishChanged)
    Q_PROPERTY(bool isChat READ isChat WRITE setChat NOTIFY wishChanged)
    Q_PROPERTY(bool isFitting READ isFitting WRITE setFitting NOTIFY wishChanged)
    // How many of size, family and type are conditions.
    Q_PROPERTY(int furtherCount READ furtherCount NOTIFY wishChanged)
    // Rows of {text, value} for what can be chosen.
    Q_PROPERTY(QVariantList sorts READ sorts NOTIFY languageChanged)
    Q_PROPERTY(QVariantList licences READ licences NOTIFY languageChanged)
    Q_PROPERTY(QVariantList sizes READ sizes NOTIFY languageChanged)
    Q_PROPERTY(QVariantList families READ families NOTIFY languageChanged)
    Q_PROPERTY(QVariantList types READ types NOTIFY languageChanged)

public:
    enum State { Idle, Searching, Found, NothingFound, Failed };
    Q_ENUM(State)

    enum Role {
        RepositoryRole = Qt::UserRole + 1,
        OwnerRole,
        NameRole,           // behind the owner
        ParametersRole,     // "14.8B"; empty: not told
        ArchitectureRole,   // "qwen3"
        RunProblemRole,     // why it does not run here; empty: it does, or it is not told
        ContextTokensRole,  // that it was made for; 0: not told
        LicenceRole,        // "Apache 2.0"
        IsGatedRole,        // its terms must be accepted first
        UpdatedRole,        // a day
        DownloadsRole,      // a number
        IsOpenRole,         // its files are shown
        FilesRole,          // HubFilesModel; null while it is closed
        SpokenTextRole,     // the row as a sentence, for screen readers
    };
    Q_ENUM(Role)
    // role names: repository owner name parameters architecture runProblem contextTokens licence
    // isGated updated downloads isOpen files spokenText

    explicit HubSearchModel(const HubFilesParts& parts, QObject* parent = nullptr);
    ~HubSearchModel() override;

    Q_INVOKABLE void search();         // at once, also without a text
    Q_INVOKABLE void toggle(int row);  // opens or closes its files
    Q_INVOKABLE void lookFurther();    // where it hasMore
    void readRefused();                // in open results: what an access token was missing for
    Q_INVOKABLE void clear();          // nothing is looked for any more

    State state() const { return m_state; }
    bool isFetching() const { return m_isFetching; }
    bool hasMore() const { return !m_page.next.empty(); }
    int seenCount() const { return m_nSeen; }
    QString problem() const;
    QString problemTitle() const;
    static QString titleOf(ErrorCode code);  // of a question that came to nothing
    bool isOfflineProblem() const { return m_error && m_error->code == ErrorCode::Offline; }
    QString text() const { return m_wish.text; }
    QString sort() const { return m_wish.sort; }
    QString licence() const { return m_wish.licence; }
    QString size() const { return m_wish.size; }
    QString family() const { return m_wish.family; }
    QString type() const { return m_wish.type; }
    bool isChat() const { return m_wish.isChat; }
    bool isFitting() const { return m_wish.isFitting; }
    int furtherCount() const {
        return !m_wish.size.isEmpty() + !m_wish.family.isEmpty() + !m_wish.type.isEmpty();
    }
    void setText(const QString& text);
    void setSort(const QString& sort) { set(&HubWish::sort, sort); }
    void setLicence(const QString& licence) { set(&HubWish::licence, licence); }
    void setSize(const QString& size) { set(&HubWish::size, size); }
    void setFamily(const QString& family) { set(&HubWish::family, family); }
    void setType(const QString& type) { set(&HubWish::type, type); }
    void setChat(bool isChat) { set(&HubWish::isChat, isChat); }
    void setFitting(bool isFitting) { set(&HubWish::isFitting, isFitting); }
    QVariantList sorts() const;
    QVariantList licences() const;
    QVariantList sizes() const;
    QVariantList families() const;
    QVariantList types() const;
    int rowCountProperty() const { return rowCount(); }

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;
    bool canFetchMore(const QModelIndex& parent) const override;
    void fetchMore(const QModelIndex& parent) override;

signals:
    void stateChanged();
    void wishChanged();
    void languageChanged();
    void machineChanged();  // what forecasts are for is not what it was
    void ratesChanged();    // what speeds follow from is not what it was

private:
    struct Row {
        net::HubModel model;
        std::unique_ptr<HubFilesModel> files;
    };

    template <typename Value>
    void set(Value HubWish::*field, const Value& value) {
        if (m_wish.*field == value) return;
        m_wish.*field = value;
        emit wishChanged();
        if (m_state != Idle) search();
    }
    void follow(State state);
    void askNext();
    void takePage(Result<net::HubPage> page, bool isFirst);
    void clearRows();
    QString spokenText(const Row& row) const;
    void followLanguage();

    HubFilesParts m_parts;
    std::unique_ptr<NumberFormat> m_format;
    LanguageWatch m_language;
    QTimer m_rest;  // of the typing
    HubWish m_wish;
    State m_state = Idle;
    bool m_isFetching = false;
    std::optional<Error> m_error;
    std::stop_source m_asking{std::nostopstate};
    net::HubPage m_page;    // the last one, for where the next is
    int m_nSeen = 0;        // models that the hub has told
    int m_nEmptyPages = 0;  // in a row, of which nothing was wanted
    std::vector<Row> m_rows;
    std::set<std::string> m_known;  // repositories of m_rows: pages move while they are read
};

}  // namespace sotto::app
