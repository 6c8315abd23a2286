"""A turn with google-genai as any program has it that was written for the service: it names no address."""

import asyncio

from google import genai


async def main():
    client = genai.Client(api_key="any", http_options={"api_version": "v1alpha"})
    config = {"response_modalities": ["TEXT"]}
    async with client.aio.live.connect(model="gemini-2.0-flash-live-001", config=config) as session:
        await session.send(input="hello there", end_of_turn=True)
        said = [message.text async for message in session.receive() if message.text]
    print('{"said": "%s"}' % "".join(said))  # noqa: T201, UP031 - a program prints


asyncio.run(main())
