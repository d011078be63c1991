import webPush from 'web-push'

// A pair of keys that push services know us by: npm run keys:push. Browsers that have subscribed are bound to it.
const { publicKey, privateKey } = webPush.generateVAPIDKeys()
console.log(`VAPID_PUBLIC_KEY=${publicKey}\nVAPID_PRIVATE_KEY=${privateKey}`)
