// By QtKeychain: the Secret Service or KWallet, Windows' credentials, the keychain of macOS. It
// never falls back to a file of its own: ours is for one user only.
#include "app/network/system_keyring.h"

#include <qt6keychain/keychain.h>

#include <QObject>
#include <utility>

namespace sotto::app {
namespace {

constexpr QLatin1String kService("sotto");
constexpr QLatin1String kKey("hub-token");

class SystemKeyring final : public TokenKeyring {
public:
    void read(Read done) override {
        auto* const job = new QKeychain::ReadPasswordJob(kService, &m_context);
        begin(*job, [job, done = std::move(done)](const Status& status) {
            if (status)
                done(job->textData().toStdString());
            else
                done(fail(status.error()));
        });
    }
    void write(const std::string& token, Done done) override {
        auto* const job = new QKeychain::WritePasswordJob(kService, &m_context);
        job->setTextData(QString::fromStdString(token));
        begin(*job, std::move(done));
    }
    void remove(Done done) override {
        begin(*new QKeychain::DeletePasswordJob(kService, &m_context), std::move(done));
    }

private:
    // The job deletes itself; with this object it goes at once, and its answer does not come.
    void begin(QKeychain::Job& job, Done done) {
        job.setKey(kKey);
        job.setInsecureFallback(false);
        QObject::connect(
            &job, &QKeychain::Job::finished, &m_context,
            [done = std::move(done)](QKeychain::Job* finished) { done(outcomeOf(*finished)); });
        job.start();
    }

    static Status outcomeOf(const QKeychain::Job& job) {
        if (job.error() == QKeychain::NoError || job.error() == QKeychain::EntryNotFound) return {};
        return fail(ErrorCode::Unsupported, "The system's keyring refuses (" +
                                                job.errorString().toStdString() +
                                                "): unlock it and try again.");
    }

    QObject m_context;
};

}  // namespace

std::unique_ptr<TokenKeyring> makeSystemKeyring() { return std::make_unique<SystemKeyring>(); }

}  // namespace sotto::app
