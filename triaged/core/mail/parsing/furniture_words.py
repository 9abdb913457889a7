"""The words of banners, disclaimers, footers and clients' own lines, in the languages that they speak; casefolded, in NFC."""

from unicodedata import normalize


def _phrases(table: str) -> tuple[str, ...]:
    folded = normalize("NFC", table).casefold().replace("\n", "")
    return tuple(said.strip() for said in folded.split("|"))


BANNERS = _phrases(
    """
    originated from outside|originates from outside|outside of the organi|outside the organi|outside your organi|
    outside of your organi|came from outside|sent from outside|from an external|external sender|external e-mail|
    external email|external message|external mail|don't often get email from|untrusted sender|previously corresponded|
    außerhalb der organisation|
    außerhalb ihrer organisation|außerhalb unser|von extern|externen absender|externer absender|externe e-mail|
    erhalten nicht oft e-mail|de l'extérieur|expéditeur externe|extérieur de l'organisation|e-mail externe|
    courriel externe|n'obtenez pas souvent|fuera de la organización|fuera de su organización|remitente externo|
    correo externo|no suele recibir correo|fora da organização|fora da sua organização|remetente externo|
    e-mail externo|não costuma receber|dall'esterno|mittente esterno|esterno all'organizzazione|e-mail esterna|
    non si ricevono spesso|buiten de organisatie|buiten uw organisatie|externe afzender|ontvangt niet vaak|
    utanför organisationen|extern avsändare|uden for organisationen|ekstern afsender|utenfor organisasjonen|
    ekstern avsender|organisaation ulkopuolelta|ulkoinen lähettäjä|spoza organizacji|zewnętrzny nadawca|
    zewnętrznego nadawcy|mimo organizaci|externího odesílatele|mimo organizácie|szervezeten kívül|külső feladó|
    din afara organizației|expeditor extern|извън организацията|внешнего отправителя|внешний отправитель|
    за пределами организации|извне организации|зовнішнього відправника|за межами організації|εκτός του οργανισμού|
    kuruluş dışından|kurum dışından|harici gönderen|מחוץ לארגון|שולח חיצוני|خارج المؤسسة|مرسل خارجي|luar organisasi|
    bên ngoài tổ chức|išorinio siuntėjo|iš išorės|už organizacijos ribų|ārēja sūtītāja|ārpus organizācijas|
    välise saatja|väljastpoolt organisatsiooni|izvan organizacije|vanjskog pošiljatelja|zunanjega pošiljatelja|
    izven organizacije|спољног пошиљаоца|изван организације|надвор од организацијата|fora de l'organització|
    remitent extern|ภายนอกองค์กร|ผู้ส่งภายนอก|गठन के बाहर|संगठन के बाहर|बाहरी प्रेषक|প্রতিষ্ঠানের বাইরে|خارج از سازمان|
    外部发件人|组织外部|来自外部|外部邮件|外部寄件者|組織外部|外部からのメール|社外からのメール|
    社外メール|組織外から|외부에서 발송|외부 메일|외부 발신|조직 외부
    """
)
"""That a mail comes from outside, as gateways say it above the text."""

MAIL = _phrases(
    """
    mail|message|sender|nachricht|absender|courriel|expéditeur|correo|mensaje|remitente|mensagem|remetente|messaggio|
    mittente|bericht|afzender|meddeland|avsändare|besked|afsender|melding|avsender|viesti|sähköposti|lähettäjä|
    wiadomość|nadawc|zpráva|odesílatel|správa|üzenet|levél|feladó|mesaj|expeditor|имейл|съобщение|письмо|сообщение|
    отправител|лист|laišk|siuntėj|vēstul|sūtītāj|kiri|saatja|poruka|pošiljatelj|sporočilo|порука|порака|missatge|อีเมล|
    ข้อความ|ईमेल|ইমেইল|ایمیل|відправник|μήνυμα|ileti|posta|gönderen|דוא|הודעה|שולח|رسالة|بريد|مرسل|surel|pesan|thư|邮件|郵件|
    发件人|寄件者|メール|메일|발신
    """
)

CARE = _phrases(
    """
    caution|warning|careful|do not click|don't click|do not open|links|attachment|phishing|learn why|recognize|
    vorsicht|achtung|klicken|anhänge|warum dies|attention|prudence|cliquez|pièces jointes|pourquoi|cuidado|precaución|
    atención|clic|adjuntos|por qué|atenção|clique|anexos|por que|attenzione|allegati|perché|let op|klik|bijlagen|
    waarom|varning|försiktig|bilagor|klicka|advarsel|forsigtig|forsiktig|vedhæft|vedlegg|varoitus|liitte|uwaga|
    ostrożn|załącznik|pozor|upozornění|příloh|figyelem|melléklet|atenție|atașament|внимание|осторожн|вложени|ссылк|
    увага|вкладен|dėmesio|nuorod|pried|uzmanību|saites|pielikum|ettevaatust|linkidele|manuseid|oprez|privit|poveznic|
    previdno|prilog|povezav|опрез|прилог|внимание|precaució|enllaços|คำเตือน|ลิงก์|ไฟล์แนบ|सावधान|লিংক|هشدار|پیوند|
    προσοχή|συνημμένα|dikkat|bağlantı|ekleri|זהירות|קישור|تحذير|روابط|peringatan|lampiran|cảnh báo|
    đính kèm|注意|警告|链接|附件|連結|リンク|添付|주의|첨부|링크
    """
)
"""What a banner asks its reader for."""

DISCLAIMERS = _phrases(
    """
    confidentiality notice|this email and any attachments are confidential|this e-mail and any attachments|
    this email and any files transmitted|this message contains confidential|this message is intended only for|
    intended solely for the|intended only for the use of|if you are not the intended recipient|
    if you have received this email in error|if you have received this e-mail in error|please consider the environment|
    diese e-mail enthält vertrauliche|diese e-mail kann vertrauliche|diese nachricht ist vertraulich|
    nicht der richtige adressat|ce message et toutes les pièces jointes|ce message est confidentiel|
    ce courriel est confidentiel|si vous n'êtes pas le destinataire|este mensaje y sus archivos|
    este mensaje es confidencial|este correo electrónico es confidencial|si usted no es el destinatario|
    esta mensagem é confidencial|esta mensagem pode conter informa|se você não é o destinatário|
    questo messaggio e i suoi allegati|questo messaggio è riservato|le informazioni contenute in questa|
    dit bericht is vertrouwelijk|dit e-mailbericht is uitsluitend bestemd|de informatie in dit e-mailbericht|
    niniejsza wiadomość|treść tej wiadomości|tato zpráva je důvěrná|jelen üzenet|настоящее сообщение|
    это сообщение является конфиденциальным|bu e-posta mesajı|bu elektronik posta|本邮件及其附件|本邮件含有保密|
    此邮件及附件|本メールは機密|このメールには機密|이 메일은 기밀|본 메일은 지정된
    """
)
"""How the paragraph begins that a company puts below every mail."""

CONFIDENTIAL = _phrases(
    """
    confidential|privileged|vertraulich|confidentiel|confidencial|riservat|confidenzial|vertrouwelijk|konfidenti|
    fortrolig|luottamuks|poufn|důvěrn|dôvern|bizalmas|confidențial|поверител|конфиденц|конфіденц|εμπιστευτικ|gizli|
    חסוי|סודי|سري|rahasia|bảo mật|保密|机密|機密|秘密|기밀
    """
)

RECEIVED_IT = _phrases(
    """
    recipient|addressee|in error|empfänger|adressat|irrtüm|destinataire|par erreur|destinatari|por error|per errore|
    por engano|ontvanger|geadresseerde|abusievelijk|mottagar|av misstag|modtager|ved en fejl|mottaker|ved en feil|
    vastaanottaj|erehdyksessä|odbiorc|adresat|omyłk|pomyłk|příjemc|omylem|príjemc|címzett|tévedés|destinatarul|
    din greșeală|получател|адресат|по ошибке|одержувач|помилков|παραλήπτ|λάθος|alıcı|yanlışlıkla|נמען|בטעות|
    المستلم|بالخطأ|penerima|người nhận|nhầm|收件人|误收|錯誤|受信者|誤って|宛先|수신인|수신자|잘못
    """
)

THIS_MAIL = _phrases(
    """
    this e-mail|this email|this mail|this message|this communication|this transmission|diese e-mail|diese mail|
    dieser e-mail|diese nachricht|dieser nachricht|ce message|cet e-mail|ce courriel|ce mail|este mensaje|este correo|
    este e-mail|esta mensagem|este email|questo messaggio|questa e-mail|questa mail|questa email|presente messaggio|
    questa comunicazione|dit bericht|deze e-mail|dit e-mailbericht|detta meddelande|detta mejl|denna e-post|denne e-mail|
    denne e-post|denne meddelelse|denne meldingen|tämä viesti|tämä sähköposti|ta wiadomość|tej wiadomości|
    niniejsza wiadomość|wiadomość ta|tato zpráva|tento e-mail|táto správa|ez az üzenet|ezen üzenet|jelen üzenet|
    acest mesaj|acest e-mail|това съобщение|это сообщение|этом сообщении|данное сообщение|настоящее сообщение|
    это письмо|данное письмо|це повідомлення|цей лист|αυτό το μήνυμα|το παρόν μήνυμα|bu e-posta|bu ileti|bu mesaj|
    הודעה זו|דואר זה|هذه الرسالة|هذا البريد|pesan ini|surel ini|email này|thư này|本邮件|此邮件|本郵件|此郵件|本メール|
    このメール|본 메일|이 메일|본 이메일
    """
)
"""With the two above: a paragraph that says all three is about the mail and not about a flaw."""

HEADINGS = _phrases(
    """
    disclaimer|haftungsausschluss|avis de confidentialité|clause de non-responsabilité|aviso legal|aviso de confidencialidad|
    aviso de confidencialidade|avviso di riservatezza|informativa|confidentiality|klauzula poufności|免责声明|免責事項
    """
)
"""What may stand alone above a disclaimer."""

SCANNERS = _phrases(
    """
    avast|avg|mimecast|eset|kaspersky|bitdefender|norton|mcafee|sophos|f-secure|withsecure|proofpoint|barracuda|
    mailscanner|messagelabs|symantec|trend micro|g data|dr.web|clamav|mailguard|trustwave|hornetsecurity|spamtitan|
    cisco|microsoft defender
    """
)

VIRUSES = _phrases("virus|wirus|vírus|вирус|вірус|ιούς|ιών|malware|ウイルス|ウィルス|病毒|바이러스|וירוס|فيروس")
"""With a scanner's name: the line in which it says that it has looked."""

FOOTERS = _phrases(
    """
    mailing list|unsubscribe|you received this message because you are subscribed|to post to this group|
    mailman/listinfo|mailingliste|abbestellen|liste de diffusion|se désabonner|désinscrire|lista de correo|
    lista de distribución|cancelar la suscripción|lista de discussão|cancelar inscrição|mailinglijst|afmelden|
    lista dyskusyjna|рассылк|отписаться|邮件列表|退订|メーリングリスト|메일링 리스트
    """
)
"""What stands below the rule under which a list writes."""

CLIENTS = _phrases(
    """
    iphon|ipad|android|galaxy|samsung|huawei|xiaomi|redmi|pixel|blackberry|outlook|proton|tuta|spark|fairemail|k-9|
    bluemail|zoho|superhuman|em client|thunderbird|hey.com|yandex|яндекс|mail.ru|gmx|web.de|naver|네이버|edison|aqua mail|
    mymail|yahoo|gmail|foxmail|qq邮箱|网易|163|roundcube|airmail|canary mail|newton|spike|mailbird|postbox|smartphone|
    mobile|handy|téléphone|móvil|telefon|телефон|携帯|手机|手機|휴대폰
    """
)

SENT = _phrases(
    """
    sent |gesendet|envoyé|enviado|inviato|verzonden|verstuurd|skickat|sendt|lähetetty|wysłan|odeslán|odoslan|küldve|trimis|
    изпратено|отправлено|надіслано|στάλθηκε|gönderildi|gönderilmiştir|נשלח|أرسلت|أُرسلت|تم الإرسال|dikirim|được gửi|发自|
    發自|寄自|傳送自|送信|보냄|보낸|ส่งจาก|भेजा|saadetud|poslano|послато|послано|nosūtīts|išsiųsta|გამოგზავნ|ارسال|بھیجا|
    dihantar|enviat|bidalia|anfonwyd|seolta|gesend|göndərildi|жіберілді|испратено|пратено|дасланы|dërguar|ուղարկված|
    ipinadala|imetumwa|পাঠানো|அனுப்ப|పంపబడింది|ಕಳುಹಿಸ|അയച്ച|મોકલ|илгээсэн|បានផ្ញើ
    """
)
"""At an edge of a line, beside the name of a device or a client: the line that a client adds of itself."""

SENT_ANYWHERE = _phrases("送信|보냄|보낸|ส่งจาก|भेजा|发自|發自|傳送自|נשלח|أرسلت|versendet mit")
"""The same anywhere in it: where the verb stands last these languages add a noun."""

SENT_FROM = _phrases(
    """
    sent from my|sent from mail for|sent via|
    get outlook for|get bluemail|sent using|von meinem|gesendet mit|gesendet von|diese nachricht wurde von meinem|
    envoyé de mon|envoyé depuis|envoyé à partir de|enviado desde|enviado con|enviado do meu|enviado a partir|
    enviado pelo|inviato da|verzonden vanaf|verstuurd vanaf|verzonden met|skickat från|sendt fra|lähetetty|
    wysłane z|wysłano z|odesláno z|odoslané z|küldve|trimis de pe|изпратено от|отправлено с|отправлено из|
    надіслано з|στάλθηκε από|iphone'umdan gönderildi|gönderen:|נשלח מ|أرسلت من|dikirim dari|được gửi từ|发自我的|
    从我的|從我的|寄自|iphoneから送信|私のiphone|나의 iphone|iphone에서 보냄
    """
)
"""How the line begins that a client adds of itself."""

LINKS = _phrases(
    "link|attachment|anhänge|liens|pièces jointes|enlaces|adjuntos|anexos|allegati|bijlagen|ссылк|вложени|链接|附件|リンク"
)
"""What the second line of a banner is about."""

OPENERS = _phrases(
    """
    this email originated|this message originated|this email came|this message came|this email is from|this message is|
    caution|warning|be careful|vorsicht|achtung|attention|prudence|cuidado|precaución|atención|atenção|attenzione|let op|
    varning|advarsel|varoitus|uwaga|pozor|upozornění|figyelem|atenție|внимание|увага|προσοχή|dikkat|זהירות|تحذير|
    peringatan|cảnh báo|dėmesio|uzmanību|ettevaatust|oprez|previdno|pozornost|опрез|precaució|คำเตือน|सावधान|সতর্ক|هشدار|
    注意|警告|주의|external|extern|estern|don't often get|
    erhalten nicht oft|n'obtenez pas|no suele recibir|não costuma|
    non si ricevono|ontvangt niet vaak|diese e-mail stammt|diese e-mail kommt|ce courriel provient|ce message provient|
    este correo|este mensaje|este e-mail|esta mensagem|questa e-mail|questo messaggio|deze e-mail|denna e-post|
    denne e-mail|denne e-post|ta wiadomość|tato zpráva|ez az üzenet|это письмо|данное письмо|цей лист|bu e-posta|外部|
    社外|組織外|此邮件|本邮件|このメール|외부|이 메일
    """
)
"""How a banner begins."""
